import { samplingOf, type GenerationJob } from '@slipstream/contracts';
import type { JobContext } from '@slipstream/queue';
import type { Engine, SamplePreview, SampleResult, StepProgress } from '@slipstream/runtime';

/** One picture of a job. */
export interface Part {
  readonly job: GenerationJob;
  readonly index: number;
  readonly context: JobContext;
  /** Aborts when the job is stopped, or another of its pictures has failed. */
  readonly signal: AbortSignal;
}

export interface SampleParts {
  readonly engine: Pick<Engine, 'submit'>;
  readonly seed: number;
  readonly onPreview?: ((preview: SamplePreview) => void) | undefined;
}

/**
 * A picture from where it was left, or from its beginning, through the engine. `left` when the worker has to leave: at
 * once where nothing is done yet, else at the next checkpoint; a picture that has none in front of it is finished.
 */
export async function sample({ job, index, context, signal }: Part, { engine, seed, onPreview }: SampleParts): Promise<SampleResult | 'left'> {
  const { leaving, checkpoints } = context;
  const from = checkpoints[index] ?? undefined;
  const left = new AbortController();
  let begun = false;
  const leaveUnbegun = (): void => {
    if (!begun) left.abort();
  };
  const onStep = ({ step, stepMap, checkpoint }: StepProgress): void => {
    begun = true;
    context.progress(index, { step, stepMap, checkpoint });
    if (leaving.aborted && checkpoint && checkpoint.step !== from?.step) left.abort();
  };
  if (leaving.aborted) return 'left';
  leaving.addEventListener('abort', leaveUnbegun, { once: true });
  try {
    return await engine.submit({ prompt: job.settings.prompt, seed, ...samplingOf(job.settings), cache: job.settings.cache, previews: job.settings.previews }, { signal: AbortSignal.any([signal, left.signal]), onStep, onPreview, from });
  } catch (error) {
    if (left.signal.aborted && !signal.aborted) return 'left';
    throw error;
  } finally {
    leaving.removeEventListener('abort', leaveUnbegun);
  }
}
