import type { BatchRecord } from '@slipstream/contracts';

/** Why no more of a batch is made. */
export type Stop = 'cancelled' | 'expired';

/** How a batch is being gone on with: whether still, and what of it is in the making. */
export class Course {
  /** Aborts when this gateway drives the batch no more. */
  readonly #leaving = new AbortController();
  readonly #stopping = new AbortController();
  /** Generations that were begun and have not settled. */
  readonly inFlight = new Set<string>();

  constructor(readonly batch: BatchRecord) {}

  get leaving(): AbortSignal {
    return this.#leaving.signal;
  }

  /** Aborts when nothing more is to be made. */
  get stopping(): AbortSignal {
    return this.#stopping.signal;
  }

  get stopped(): Stop | undefined {
    return this.stopping.aborted ? (this.stopping.reason as Stop) : undefined;
  }

  stop(why: Stop): void {
    this.#stopping.abort(why);
  }

  leave(why: Error): void {
    this.#leaving.abort(why);
  }
}
