import type { Claim, FrameStore } from '@slipstream/trajectories';
import type { ObjectStore } from './object-store.js';

const contentType = 'application/octet-stream';

/** Frames in an object store, under `anchors/`. It has no claims: everybody makes what is not there. */
export class ObjectFrameStore implements FrameStore {
  readonly tier = 'objects';

  /** `timeoutMs`: every call that takes longer has failed. */
  constructor(
    private readonly store: ObjectStore,
    private readonly timeoutMs: number,
  ) {}

  async claim(key: string): Promise<Claim> {
    const found = await this.store.get(pathOf(key), { signal: AbortSignal.timeout(this.timeoutMs) });
    return found?.bytes ?? 'yours';
  }

  async put(key: string, frame: Uint8Array): Promise<void> {
    await this.store.put(pathOf(key), frame, { contentType, signal: AbortSignal.timeout(this.timeoutMs) });
  }

  async release(): Promise<void> {}

  async close(): Promise<void> {
    await this.store.close();
  }
}

const pathOf = (key: string): string => `anchors/${key.slice(0, 2)}/${key}.bin`;
