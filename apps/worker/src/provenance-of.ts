import { wireFallback, type GenerationJob, type Provenance } from '@slipstream/contracts';
import type { SampleResult } from '@slipstream/runtime';

/**
 * How a generation's pictures were made, from what was measured. Its pictures enter the engine together, so: queued
 * until the first of them got a row, engine seconds from there to the last pixel. Steps are those of the first picture,
 * remembered branches those of all, the speed-up is their mean.
 */
export function provenanceOf(
  { settings }: GenerationJob,
  made: { digest: string; queuedSeconds: number; results: readonly SampleResult[] },
): Provenance {
  const { results } = made;
  const first = results[0]!;
  const anchors = results.reduce((sum, { remembered }) => sum + remembered, 0);
  const waiting = Math.min(...results.map(({ seconds }) => seconds.waiting));
  const end = Math.max(...results.map(({ seconds }) => seconds.waiting + seconds.engine));
  return {
    bundle: made.digest,
    seed: settings.seed,
    strategy: settings.strategy,
    steps: settings.steps,
    full_steps: first.fullSteps,
    shortcut_steps: first.shortcutSteps,
    partial_steps: first.partialSteps,
    cache: { anchors, result: anchors > 0 ? 'hit' : 'miss' },
    seconds: { queued: rounded(made.queuedSeconds + waiting), engine: rounded(end - waiting) },
    speedup: {
      value: rounded(results.reduce((sum, { speedup }) => sum + speedup.value, 0) / results.length),
      baseline: first.speedup.baseline,
      measured: results.every(({ speedup }) => speedup.measured),
    },
    ...wireFallback(settings),
  };
}

const rounded = (value: number): number => Math.round(value * 1e4) / 1e4;
