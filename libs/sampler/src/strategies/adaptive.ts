import { fullStep } from '../full-step.js';
import type { Features } from '../model-runner.js';
import type { Progress } from '../progress.js';
import type { Course, Strategy } from '../strategy.js';

/**
 * Ours: a full step when the live error asks for one, `budget` of them at most. The signal is the relative velocity of the
 * shortcuts, summed since the last full step. At each refresh the shortcut's own prediction is held against the full
 * features, and their error ÷ the sum says what a unit of the signal is worth until the next one. The next step is full
 * when the error so estimated reaches `tolerance`, no sooner than `minGap` and no later than `maxGap` steps after the last.
 */
export const adaptive: Strategy = {
  *course(row) {
    const { tolerance = 0, minGap = 1, maxGap = Infinity } = row.knobs;
    let features = yield* fullStep(row);
    let [fullSteps, gap, drift, worth] = [1, 1, 0, 1];
    while (row.step < row.steps) {
      const due = gap >= maxGap || (gap >= minGap && worth * drift >= tolerance);
      if (due && fullSteps < row.budget) {
        const measured = yield* measuredRefresh(row, features);
        features = measured.features;
        worth = measured.error / (drift + measured.velocity) || 1; // nothing moved, nothing learnt
        [fullSteps, gap, drift] = [fullSteps + 1, 1, 0];
      } else {
        const step = yield { kind: 'shortcut', features, news: row.newPositions };
        features = step.features!;
        drift += step.velocity!;
        gap += 1;
      }
    }
  },
};

/** A full step, and the error of the shortcut that it replaces. */
function* measuredRefresh(row: Progress, last: Features): Course<{ features: Features; error: number; velocity: number }> {
  const probe = yield { kind: 'shortcut', features: last, news: row.newPositions, reveals: false };
  const masked = row.tokens.map((token) => (token === row.model.mask ? 1 : 0));
  const features = yield* fullStep(row);
  return { features, error: relativeError(probe.features!, features, { masked, row }), velocity: probe.velocity! };
}

/** ‖predicted − true‖ ÷ ‖true‖ over the masked positions of every branch; 0 when none is masked. */
export function relativeError(predicted: Features, truth: Features, { masked, row: { model } }: { masked: Int32Array; row: Pick<Progress, 'model'> }): number {
  const { positions, promptLength, channels } = model;
  let [difference, total] = [0, 0];
  for (let start = promptLength * channels; start < truth.length; start += positions * channels) {
    for (const [position, counts] of masked.entries()) {
      if (counts === 0) continue;
      for (let at = start + position * channels; at < start + (position + 1) * channels; at++) {
        difference += (predicted[at]! - truth[at]!) ** 2;
        total += truth[at]! ** 2;
      }
    }
  }
  return total === 0 ? 0 : Math.sqrt(difference / total);
}
