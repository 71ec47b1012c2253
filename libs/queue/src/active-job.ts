import type { Checkpoint, GenerationJob, GenerationRecord } from '@slipstream/contracts';

/** Reason of an `ActiveJob`'s signals. */
export class Stop extends Error {
  override readonly name = 'AbortError';
  readonly why: 'cancelled' | 'handed_back' | 'lost';

  constructor(why: Stop['why']) {
    super(`generation ${why.replace('_', ' ')}`);
    this.why = why;
  }
}

/** How far one picture of a job is. */
export interface PictureProgress {
  readonly step: number;
  /** Of those steps. */
  readonly stepMap?: GenerationRecord['stepMap'];
  /** Where it can go on, when that is new. */
  readonly checkpoint?: Checkpoint | undefined;
}

/** How far a job is, picture by picture. */
export interface Standing {
  /** Steps that each picture has done. */
  readonly reached: readonly number[];
  readonly checkpoints: readonly (Checkpoint | null)[];
  /** Of the first picture. */
  readonly stepMap?: GenerationRecord['stepMap'];
}

/** What the record says to a worker that writes its progress. */
export type GoOn = 'run' | 'cancelled' | 'lost';

export interface ActiveJobOptions {
  readonly job: GenerationJob;
  /** Where the pictures begin. */
  readonly checkpoints?: Standing['checkpoints'];
  write(standing: Standing): Promise<GoOn>;
}

/** How often a step is written; a cancel whose nudge was lost is noticed as late as that. */
const writeIntervalMs = 250;

/** One job in work on this worker: its signals, and its progress. A checkpoint is written at once, a step a few times a second. */
export class ActiveJob {
  readonly job: GenerationJob;
  readonly queuedSeconds: number;
  readonly #stopping = new AbortController();
  readonly #leaving = new AbortController();
  readonly #write: ActiveJobOptions['write'];
  readonly #reached: number[];
  readonly #checkpoints: (Checkpoint | null)[];
  #stepMap: GenerationRecord['stepMap'];
  #writing: Promise<void> | undefined;
  #unsaved = false;
  #nextWriteMs = 0;

  constructor({ job, checkpoints = [], write }: ActiveJobOptions) {
    this.job = job;
    this.queuedSeconds = Math.max(0, Date.now() - job.createdAtMs) / 1000;
    this.#checkpoints = Array.from({ length: job.settings.n }, (_, index) => checkpoints[index] ?? null);
    this.#reached = this.#checkpoints.map((from) => from?.step ?? 0);
    this.#write = write;
  }

  /** Aborts when the work is of no use any more. */
  get signal(): AbortSignal {
    return this.#stopping.signal;
  }

  /** Aborts when the work should go on elsewhere. */
  get leaving(): AbortSignal {
    return this.#leaving.signal;
  }

  get checkpoints(): Standing['checkpoints'] {
    return this.#checkpoints;
  }

  /** The first reason stays. */
  stop(why: Stop['why']): void {
    if (!this.signal.aborted) this.#stopping.abort(new Stop(why));
  }

  leave(): void {
    this.#leaving.abort(new Stop('handed_back'));
  }

  progress(index: number, { step, stepMap, checkpoint }: PictureProgress): void {
    this.#reached[index] = step;
    if (index === 0) this.#stepMap = stepMap;
    if (checkpoint) this.#checkpoints[index] = checkpoint;
    this.#unsaved ||= checkpoint !== undefined;
    if (this.#unsaved || performance.now() >= this.#nextWriteMs) this.#save();
  }

  /** Resolves once the last checkpoint is written, or could not be. */
  async saved(): Promise<void> {
    if (this.#unsaved) this.#save();
    while (this.#writing) await this.#writing;
  }

  #save(): void {
    if (this.#writing) return; // what is newer by then follows
    this.#unsaved = false;
    this.#nextWriteMs = performance.now() + writeIntervalMs;
    this.#writing = this.#write({ reached: [...this.#reached], checkpoints: [...this.#checkpoints], ...(this.#stepMap && { stepMap: this.#stepMap }) })
      .then((goOn) => {
        if (goOn !== 'run') this.stop(goOn);
      })
      .catch(() => {}) // a step not shown is no reason to stop
      .finally(() => {
        this.#writing = undefined;
        if (this.#unsaved) this.#save();
      });
  }
}
