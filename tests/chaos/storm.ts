import { EventEmitter, once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { deal } from './deck.js';
import { between, randomFrom, whole, type Random } from './random.js';

/** For so many jobs every fault is dealt once, so that a run of 300, of which a tenth goes to the disk, meets all of them. */
const jobsPerRound = 250;

/** By place and name: each breaks something and mends it before it resolves. */
export type Blows = Readonly<Record<string, Readonly<Record<string, (random: Random) => Promise<void>>>>>;

export interface StormPlan {
  readonly seed: number;
  /** Jobs that it is to hit. */
  readonly jobs: number;
  /** From the end of a fault to the next in its place, at least and at most. */
  readonly gapMs: readonly [number, number];
}

/**
 * Faults one after the other in each place, until it is ended; what is broken then is mended first. Which come, in which order,
 * after which time and how long each lasts follow from the seed alone.
 */
export class Storm {
  /** How often each fault happened; 0 for one that did not. */
  readonly counts: Record<string, number> = {};
  readonly #blowing: Promise<unknown>;
  readonly #now = new Set<string>();
  readonly #progress: readonly { dealt: number; readonly planned: number }[];
  readonly #dealt = new EventEmitter().setMaxListeners(0);
  readonly #over = new AbortController();

  constructor(blows: Blows, plan: StormPlan) {
    const decks = Object.values(blows);
    for (const name of decks.flatMap(Object.keys)) this.counts[name] = 0;
    this.#progress = decks.map((deck) => ({ dealt: 0, planned: Math.ceil((Object.keys(deck).length * plan.jobs) / jobsPerRound) }));
    this.#blowing = Promise.all(decks.map((deck, i) => this.#blow(deck, this.#progress[i]!, { ...plan, seed: plan.seed * decks.length + i })));
  }

  /** The faults of this moment. */
  get now(): string {
    return [...this.#now].join(' + ') || 'none';
  }

  /** Waits until this share of what is planned has begun in every place, but for one fault: jobs are under way at each. */
  async reached(share: number): Promise<void> {
    await this.#until(({ dealt, planned }) => dealt + 1 >= share * planned);
  }

  /** Waits until all that is planned has begun. */
  async complete(): Promise<void> {
    await this.#until(({ dealt, planned }) => dealt >= planned);
  }

  async end(): Promise<void> {
    this.#over.abort();
    await this.#blowing;
  }

  async #until(reached: (progress: { readonly dealt: number; readonly planned: number }) => boolean): Promise<void> {
    while (!this.#progress.every(reached)) await once(this.#dealt, 'fault', { signal: this.#over.signal });
  }

  async #blow(blows: Blows[string], progress: { dealt: number }, { seed, gapMs: [least, most] }: StormPlan): Promise<void> {
    const random = randomFrom(seed);
    for (const name of deal(Object.keys(blows), random)) {
      const [calmMs, own] = [between(random, least, most), randomFrom(whole(random, 0, 2 ** 31))];
      if (await this.#isOverWithin(calmMs)) return;
      this.counts[name]! += 1;
      progress.dealt += 1;
      this.#dealt.emit('fault');
      this.#now.add(name);
      await blows[name]!(own);
      this.#now.delete(name);
    }
  }

  async #isOverWithin(ms: number): Promise<boolean> {
    return sleep(ms, false, { signal: this.#over.signal }).catch(() => true);
  }
}
