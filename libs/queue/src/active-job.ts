import type { GenerationJob } from '@slipstream/contracts';

/** Reason of an `ActiveJob`'s signal. */
export class Stop extends Error {
  override readonly name = 'AbortError';
  readonly why: 'cancelled' | 'handed_back' | 'lost';

  constructor(why: Stop['why']) {
    super(`generation ${why.replace('_', ' ')}`);
    this.why = why;
  }
}

/** How often a step is written; a cancel whose nudge was lost is noticed as late as that. */
const writeIntervalMs = 250;

/** One job in work on this worker: its signal, and its step, written a few times a second at most. */
export class ActiveJob {
  readonly job: GenerationJob;
  readonly queuedSeconds: number;
  readonly #controller = new AbortController();
  readonly #writeStep: (step: number) => Promise<boolean>;
  #writing = false;
  #nextWriteMs = 0;

  /** `writeStep` tells whether the work should go on. */
  constructor({ job, writeStep }: { job: GenerationJob; writeStep: (step: number) => Promise<boolean> }) {
    this.job = job;
    this.queuedSeconds = Math.max(0, Date.now() - job.createdAtMs) / 1000;
    this.#writeStep = writeStep;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The first reason stays. */
  stop(why: Stop['why']): void {
    if (!this.signal.aborted) this.#controller.abort(new Stop(why));
  }

  progress(step: number): void {
    const nowMs = Date.now();
    if (this.#writing || nowMs < this.#nextWriteMs) return;
    this.#writing = true;
    this.#nextWriteMs = nowMs + writeIntervalMs;
    this.#writeStep(step)
      .then((goOn) => goOn || this.stop('cancelled'))
      .catch(() => {}) // a step not shown is no reason to stop
      .finally(() => (this.#writing = false));
  }
}
