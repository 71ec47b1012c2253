import type { GenerationJob, SlipstreamError } from '@slipstream/contracts';
import type { PictureProgress, Standing } from './active-job.js';
import type { Settlement } from './record-store.js';
import type { OutageListener } from './redis.js';

/** What a completed generation leaves behind. */
export type GenerationResult = Omit<Extract<Settlement, { status: 'completed' }>, 'status'>;

export interface JobContext {
  /** Aborts when the generation is cancelled, handed back, or taken over by another worker: stop at the next step. */
  readonly signal: AbortSignal;
  /** Aborts when this worker is to leave: stop each picture at its next checkpoint, or where it has not begun; then throw the reason. */
  readonly leaving: AbortSignal;
  /** Where each picture goes on, by its index; null or none where it begins. */
  readonly checkpoints: Standing['checkpoints'];
  /** Seconds from the making of the job to this claim. */
  readonly queuedSeconds: number;
  /** Lets others in beside a job that has to be alone, once what is left of it, such as storing, cannot hurt them. */
  leaveCompany(): void;
  /** Tells how far a picture is; call it at every step. Checkpoints are written at once, steps a few times a second at most. */
  progress(index: number, at: PictureProgress): void;
  /** Shows a preview to whoever watches, in place of the one before. Never rejects: a preview that is lost is no harm. */
  preview(index: number, at: { readonly step: number; readonly masked: string; readonly bytes: Uint8Array }): Promise<void>;
}

/** A job that goes on after its worker was lost, or its worker gave it back. */
export interface TakeOver {
  readonly job: GenerationJob;
  /** Steps of each picture that are done again. */
  readonly repeated: readonly number[];
  /** Workers that this job has lost so far. */
  readonly losses: number;
}

/** One claimed job that left this worker; `handed_back` jobs run again elsewhere, `retried` ones may run here. */
export interface JobReport {
  readonly job: GenerationJob;
  readonly outcome: Settlement['status'] | 'handed_back' | 'retried' | 'lost';
  readonly queuedSeconds: number;
  /** From the making of the job to now. */
  readonly totalSeconds: number;
  readonly error?: SlipstreamError;
}

export interface ConsumerOptions extends OutageListener {
  readonly redisUrl: string;
  readonly prefix: string;
  readonly recordTtlSeconds: number;
  /** Digest of the bundle at work; checkpoints of another one are of no use. */
  readonly bundle: string;
  /** Jobs in work at a time, and the pictures that the fleet's dispatchers aim to have here; at least the engine's capacity, so that its rows fill up. */
  readonly concurrency: number;
  /**
   * Makes the pictures. Idempotent: it runs again after a crash. What it throws is translated by its `retryable`;
   * `worker_lost` says that this worker is done for, for which the job may be to blame or not.
   */
  process(job: GenerationJob, context: JobContext): Promise<GenerationResult>;
  onReport?: (report: JobReport) => void;
  onTakeOver?: (takeOver: TakeOver) => void;
  onError?: (error: SlipstreamError) => void;
  /** A worker that is silent for so long has lost its jobs, default 10 s; they go on elsewhere within 1.5 times that. */
  readonly lockDurationMs?: number;
  /** How long jobs may wait beside free hands before `health()` says `stuck`, default 30 s. */
  readonly stuckAfterMs?: number;
}
