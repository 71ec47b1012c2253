import type { Claim, FrameStore } from '../frame-store.js';

/** Frames in a map, that several stores can share as workers share a Redis. For specs. */
export class MemoryFrames {
  readonly frames = new Map<string, Uint8Array>();
  readonly claims = new Map<string, { readonly owner: object; readonly untilMs: number }>();

  constructor(readonly now: () => number = () => performance.now()) {}
}

/** One worker's view of some frames; a fault set on it is thrown by every following call. */
export class MemoryFrameStore implements FrameStore {
  fault: Error | undefined;

  constructor(
    readonly shared = new MemoryFrames(),
    readonly tier = 'memory',
  ) {}

  async claim(key: string, { leaseMs }: { leaseMs: number }): Promise<Claim> {
    this.throwFault();
    const frame = this.shared.frames.get(key);
    if (frame) return frame;
    const now = this.shared.now();
    const held = this.shared.claims.get(key);
    if (held && held.untilMs > now && held.owner !== this) return 'awaited';
    this.shared.claims.set(key, { owner: this, untilMs: now + leaseMs });
    return 'yours';
  }

  async put(key: string, frame: Uint8Array): Promise<void> {
    this.throwFault();
    this.shared.frames.set(key, frame.slice());
    this.shared.claims.delete(key);
  }

  async release(key: string): Promise<void> {
    this.throwFault();
    if (this.shared.claims.get(key)?.owner === this) this.shared.claims.delete(key);
  }

  async close(): Promise<void> {}

  private throwFault(): void {
    if (this.fault) throw this.fault;
  }
}
