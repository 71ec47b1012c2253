import { fullStep } from '../full-step.js';
import type { Features } from '../model-runner.js';
import type { Progress } from '../progress.js';
import { relativeError } from '../relative-error.js';
import type { Course, Strategy } from '../strategy.js';

/**
 * Ours: a full step when the live error asks for one, `budget` of them at most. The signal is the relative velocity of the
 * shortcuts, summed since the last full step. At each refresh the shortcut's own prediction is held against the full
 * features, and their error ÷ the sum says what a unit of the signal is worth until the next one. The next step is full
 * when the error so estimated reaches `tolerance`, no sooner than `minGap` and no later than `maxGap` steps after the last.
 * What a refresh teaches needs the features before it, so its checkpoint is known only after it.
 */
export const adaptive: Strategy = {
  *course(row, memo) {
    const { tolerance = 0, minGap = 1, maxGap = Infinity } = row.knobs;
    let features = yield* fullStep(row);
    let { fullSteps = 1, worth = 1 } = memo ?? {};
    let [gap, drift] = [1, 0];
    while (row.step < row.steps) {
      const due = gap >= maxGap || (gap >= minGap && worth * drift >= tolerance);
      if (due && fullSteps < row.budget) {
        const refresh = row.here();
        const measured = yield* measuredRefresh(row, features);
        features = measured.features;
        worth = measured.error / (drift + measured.velocity) || 1; // nothing moved, nothing learnt
        [fullSteps, gap, drift] = [fullSteps + 1, 1, 0];
        row.checkpoint({ fullSteps, worth }, refresh);
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
  const tokens = row.tokens.slice();
  const features = yield* fullStep(row);
  return { features, error: relativeError(probe.features!, features, { tokens, model: row.model }), velocity: probe.velocity! };
}
