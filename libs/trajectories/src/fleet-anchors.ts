import type { Clock } from './clock.js';
import type { FrameForm } from './frame.js';
import type { FrameStore } from './frame-store.js';
import { Tier, type TierListener } from './tier.js';

export interface FleetAnchorsOptions {
  /** The nearest first. */
  readonly stores: readonly FrameStore[];
  readonly form: FrameForm;
  readonly clock: Clock;
  /** One branch of a full step as this worker measures it; 0 while it is not known. */
  readonly computeSeconds: () => number;
  readonly listener?: TierListener;
  /** How long a store that failed is left alone, default 5 s. */
  readonly openMs?: number;
  /** How long others wait for a worker that said it would compute, default 2 s; less where computing is quick. */
  readonly leaseMs?: number;
}

/** At least so long, in milliseconds; and so many times what computing it takes. */
const [leastPatienceMs, patience] = [50, 8];

/**
 * Anchors that the workers of a fleet share, in tiers from near to far. Each is computed by one worker at a time: the others
 * wait for it a little, and compute it themselves when it does not come. Never rejects; whatever fails is a miss.
 */
export class FleetAnchors {
  private readonly tiers: readonly Tier[];
  /** By key: the tiers that asked for what is being computed. */
  private readonly owed = new Map<string, readonly Tier[]>();

  constructor(private readonly options: FleetAnchorsOptions) {
    const { stores, openMs = 5_000, leaseMs = 2_000, listener = {}, ...rest } = options;
    this.tiers = stores.map((store) => new Tier({ store, openMs, leaseMs, listener, ...rest }));
  }

  /** Whether each tier is used, and if not, why. */
  get states(): readonly { readonly tier: string; readonly state: Tier['state'] }[] {
    return this.tiers.map(({ name, state }) => ({ tier: name, state }));
  }

  /** The features of one branch; undefined: compute them, and then `offer` or `forgo` them. One call for a key at a time. */
  async find(key: string): Promise<Float32Array | undefined> {
    const missed: Tier[] = [];
    for (const tier of this.tiers) {
      const found = await this.patient(tier, key);
      if (found instanceof Float32Array) {
        for (const nearer of missed) void nearer.keep(key, found);
        return found;
      }
      if (found === 'miss' || found === 'awaited' || found === 'damaged') missed.push(tier);
    }
    if (missed.length > 0) this.owed.set(key, missed);
    return undefined;
  }

  /** Keeps what was computed in every tier that had not got it; settles when all of them have or cannot. */
  async offer(key: string, features: Float32Array): Promise<void> {
    await Promise.all(this.take(key).map((tier) => tier.keep(key, features)));
  }

  /** Lets others compute it. */
  async forgo(key: string): Promise<void> {
    await Promise.all(this.take(key).map((tier) => tier.release(key)));
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.options.stores.map((store) => store.close()));
  }

  private take(key: string): readonly Tier[] {
    const tiers = this.owed.get(key) ?? [];
    this.owed.delete(key);
    return tiers;
  }

  private async patient(tier: Tier, key: string): ReturnType<Tier['look']> {
    const { clock, computeSeconds, leaseMs = 2_000 } = this.options;
    const patienceMs = Math.min(leaseMs, Math.max(leastPatienceMs, patience * 1000 * computeSeconds()));
    const endMs = clock.now() + patienceMs;
    for (;;) {
      const found = await tier.look(key);
      if (found !== 'awaited' || clock.now() >= endMs) return found;
      await clock.pause(patienceMs / 16);
    }
  }
}
