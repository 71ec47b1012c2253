import type { Anchors, Features } from '@slipstream/sampler';
import { RecentAnchors, type AnchorKeys } from '@slipstream/trajectories';
import type { FromThread, ToThread } from './protocol.js';

export interface ThreadAnchorsOptions {
  readonly keys: Pick<AnchorKeys, 'of'>;
  readonly scope: Anchors['scope'];
  readonly limitBytes: number;
  readonly send: (messages: FromThread[]) => void;
}

/** The memory of anchors so far. */
export interface AnchorMemory {
  /** Lookups of one branch each, since the engine opened. */
  readonly hits: number;
  readonly misses: number;
  readonly sizeBytes: number;
}

/** The engine thread's anchors: its own memory at once, and whatever its owner shares by message. */
export class ThreadAnchors implements Anchors {
  readonly scope: Anchors['scope'];
  private readonly memory: RecentAnchors;
  private readonly asked = new Map<string, (features: Features | undefined) => void>();
  /** What the owner has not got and awaits. */
  private readonly owed = new Set<string>();
  private readonly counts = { hits: 0, misses: 0 };
  private shared = false;

  constructor(private readonly options: ThreadAnchorsOptions) {
    this.scope = options.scope;
    this.memory = new RecentAnchors(options.limitBytes);
  }

  get reading(): AnchorMemory {
    return { ...this.counts, sizeBytes: this.memory.sizeBytes };
  }

  nameOf(prompt: Int32Array, tokens: Int32Array): string {
    return this.options.keys.of(prompt, tokens);
  }

  get(name: string): Features | undefined {
    const features = this.memory.get(name);
    this.counts[features ? 'hits' : 'misses'] += 1;
    return features;
  }

  fetch(name: string, answer: (features: Features | undefined) => void): boolean {
    if (!this.shared) return false;
    this.asked.set(name, answer);
    this.options.send([{ type: 'wanted', anchor: name }]);
    return true;
  }

  set(name: string, features: Features): void {
    this.memory.set(name, features);
    if (this.owed.delete(name)) this.options.send([{ type: 'computed', anchor: name, features }]);
  }

  forgo(name: string): void {
    if (this.owed.delete(name)) this.options.send([{ type: 'forgone', anchor: name }]);
  }

  receive(message: Extract<ToThread, { type: 'share' | 'anchor' }>): void {
    if (message.type === 'share') return void (this.shared = true);
    const { anchor, features } = message;
    if (features) this.memory.set(anchor, features);
    else this.owed.add(anchor);
    const answer = this.asked.get(anchor);
    this.asked.delete(anchor);
    answer?.(features);
  }
}
