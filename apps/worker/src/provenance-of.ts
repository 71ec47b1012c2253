import { countSteps, wireFallback, type GenerationJob, type Provenance } from '@slipstream/contracts';
import type { SampleResult } from '@slipstream/runtime';

/** What is told of one picture. */
export type Making = Pick<SampleResult, 'stepMap' | 'remembered' | 'seconds' | 'speedup'> & {
  /** Whether it had been made before; then its steps and its speed-up are those of that making. */
  readonly recalled?: boolean;
};

/**
 * How a generation's pictures were made, from what was measured. Its pictures enter the engine together, so: queued
 * until the first of them got a row, engine seconds from there to the last pixel. Steps are those of the first picture,
 * remembered branches those of all, the speed-up is their mean.
 * Pictures that had been made before took no time.
 */
export function provenanceOf(
  { settings }: GenerationJob,
  from: { digest: string; queuedSeconds: number; results: readonly Making[] },
): Provenance {
  const { results } = from;
  const first = results[0]!;
  const { fullSteps, shortcutSteps, partialSteps } = countSteps(first.stepMap);
  const anchors = results.reduce((sum, { remembered }) => sum + remembered, 0);
  const made = results.filter(({ recalled }) => !recalled);
  const waiting = made.length > 0 ? Math.min(...made.map(({ seconds }) => seconds.waiting)) : 0;
  const end = Math.max(0, ...made.map(({ seconds }) => seconds.waiting + seconds.engine));
  return {
    bundle: from.digest,
    seed: settings.seed,
    strategy: settings.strategy,
    steps: settings.steps,
    step_map: first.stepMap,
    full_steps: fullSteps,
    shortcut_steps: shortcutSteps,
    partial_steps: partialSteps,
    cache: { anchors, result: settings.cache ?? (made.length === 0 ? 'hit' : 'miss') },
    seconds: { queued: rounded(from.queuedSeconds + waiting), engine: rounded(end - waiting) },
    speedup: {
      value: rounded(results.reduce((sum, { speedup }) => sum + speedup.value, 0) / results.length),
      baseline: first.speedup.baseline,
      measured: results.every(({ speedup }) => speedup.measured),
    },
    ...wireFallback(settings),
  };
}

const rounded = (value: number): number => Math.round(value * 1e4) / 1e4;
