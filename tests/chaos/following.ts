import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from './client.js';
import type { Job } from './run-jobs.js';

export interface FollowingOptions {
  readonly client: Pick<Client, 'submit' | 'ending'>;
  /** Once for so long no job was accepted and none has ended, those under way are lost. */
  readonly patienceMs: number;
  /** From one question after a job to the next, default 1 s. */
  readonly everyMs?: number;
}

/** The jobs under way, each followed to its end. */
export class Following {
  readonly #open = new Set<Promise<void>>();
  #newsMs = performance.now();

  constructor(private readonly options: FollowingOptions) {}

  add(job: Job): void {
    this.#newsMs = performance.now();
    const following = this.#follow(job).finally(() => this.#open.delete(following));
    this.#open.add(following);
  }

  /** Waits until fewer than so many are under way. */
  async room(most: number): Promise<void> {
    while (this.#open.size >= most) await Promise.race(this.#open);
  }

  async all(): Promise<void> {
    await Promise.all(this.#open);
  }

  async #follow(job: Job): Promise<void> {
    const { client, patienceMs, everyMs = 1_000 } = this.options;
    while (job.ending === undefined) {
      await sleep(everyMs);
      const ending = await client.ending(job.id);
      const over = performance.now() - this.#newsMs > patienceMs;
      job.ending = ending === 'unknown' || (ending === undefined && over) ? 'lost' : ending;
    }
    if (job.ending !== 'lost') this.#newsMs = performance.now();
  }
}
