import { Circuit } from './circuit.js';
import type { Clock } from './clock.js';
import { decodeFrame, encodeFrame, type FrameForm } from './frame.js';
import type { Claim, FrameStore } from './frame-store.js';
import { Worth } from './worth.js';

/**
 * How a lookup went. `awaited`: another worker is computing it; `damaged`: what was there is no whole frame of this key;
 * `failed`: no answer in time; `open`: not asked, because it failed a moment ago; `dearer`: not asked, because computing is
 * cheaper.
 */
export type LookupResult = 'hit' | 'miss' | 'awaited' | 'damaged' | 'failed' | 'open' | 'dearer';

/** What happened at a tier, for metrics. Must not throw. */
export interface TierListener {
  /** `seconds` and `bytes` of those that were answered. */
  onLookup?(event: { readonly tier: string; readonly result: LookupResult; readonly seconds?: number; readonly bytes?: number }): void;
  onWrite?(event: { readonly tier: string; readonly result: 'written' | 'failed' | 'open'; readonly bytes: number }): void;
}

export interface TierOptions {
  readonly store: FrameStore;
  readonly form: FrameForm;
  readonly clock: Pick<Clock, 'now'>;
  /** See Worth. */
  readonly computeSeconds: () => number;
  readonly listener: TierListener;
  /** How long a store that failed is left alone. */
  readonly openMs: number;
  /** A claim whose holder is silent for so long is void. */
  readonly leaseMs: number;
}

/** One store as a place to look for anchors: asked only while it answers and is worth it. Nothing here rejects. */
export class Tier {
  private readonly circuit: Circuit;
  private readonly worth: Worth;

  constructor(private readonly options: TierOptions) {
    this.circuit = new Circuit(options.clock, options.openMs);
    this.worth = new Worth(options.computeSeconds);
  }

  get name(): string {
    return this.options.store.tier;
  }

  get state(): 'used' | 'open' | 'dearer' {
    if (this.circuit.open) return 'open';
    return this.worth.dearer ? 'dearer' : 'used';
  }

  /** The features; or why there are none. */
  async look(key: string): Promise<Float32Array | Exclude<LookupResult, 'hit'>> {
    if (!this.worth.enter()) return this.tell('dearer');
    if (!this.circuit.enter()) return this.tell('open');
    const { store, clock, leaseMs } = this.options;
    const startedMs = clock.now();
    try {
      const claim = await store.claim(key, { leaseMs });
      this.circuit.succeeded();
      return this.read(key, claim, startedMs);
    } catch {
      this.circuit.failed();
      return this.tell('failed');
    }
  }

  /** Keeps what was computed or found further away. */
  async keep(key: string, features: Float32Array): Promise<void> {
    const { store, form, listener } = this.options;
    const frame = encodeFrame(key, features, form);
    const written = (result: 'written' | 'failed' | 'open'): void => listener.onWrite?.({ tier: store.tier, result, bytes: frame.byteLength });
    if (!this.circuit.enter()) return written('open');
    await store.put(key, frame).then(() => (this.circuit.succeeded(), written('written')), () => (this.circuit.failed(), written('failed')));
  }

  /** Ends this process's claim. */
  async release(key: string): Promise<void> {
    if (this.circuit.enter()) await this.options.store.release(key).then(() => this.circuit.succeeded(), () => this.circuit.failed());
  }

  private read(key: string, claim: Claim, startedMs: number): Float32Array | Exclude<LookupResult, 'hit'> {
    const { form, clock } = this.options;
    const features = typeof claim === 'string' ? undefined : decodeFrame(key, claim, form);
    const seconds = (clock.now() - startedMs) / 1000;
    this.worth.took(seconds, features ? 'hit' : 'miss');
    if (features) return this.tell('hit', { seconds, bytes: (claim as Uint8Array).byteLength }), features;
    if (typeof claim !== 'string') return this.tell('damaged', { seconds, bytes: claim.byteLength });
    return this.tell(claim === 'yours' ? 'miss' : 'awaited', { seconds });
  }

  private tell<R extends LookupResult>(result: R, measured: { seconds?: number; bytes?: number } = {}): R {
    this.options.listener.onLookup?.({ tier: this.name, result, ...measured });
    return result;
  }
}
