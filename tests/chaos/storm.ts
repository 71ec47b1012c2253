import { setTimeout as sleep } from 'node:timers/promises';
import { faults, isPossible, type World } from './faults.js';
import { between, oneOf, randomFrom } from './random.js';

/** Faults one after the other in each of the two places, until it is ended; what is broken then is mended first. */
export class Storm {
  /** How often each fault happened. */
  readonly counts: Record<string, number> = {};
  readonly #blowing: Promise<unknown>;
  readonly #now = new Set<string>();
  #over = false;

  constructor(world: World, { seed }: { seed: number }) {
    this.#blowing = Promise.all((['processes', 'surroundings'] as const).map((place, i) => this.#blow(place, world, seed * 2 + i)));
  }

  /** The faults of this moment. */
  get now(): string {
    return [...this.#now].join(' + ') || 'none';
  }

  async end(): Promise<void> {
    this.#over = true;
    await this.#blowing;
  }

  async #blow(place: keyof typeof faults, world: World, seed: number): Promise<void> {
    const random = randomFrom(seed);
    while (!this.#over) {
      await sleep(between(random, 500, 5_000));
      const name = oneOf(random, Object.keys(faults[place]).filter((each) => isPossible(each, world)));
      const shown = name.trim();
      this.counts[shown] = (this.counts[shown] ?? 0) + 1;
      this.#now.add(shown);
      await faults[place][name]!(world, random);
      this.#now.delete(shown);
    }
  }
}
