import { fullStep } from '../full-step.js';
import type { Strategy } from '../strategy.js';

/** Every step full: the baseline, and with fewer steps the first rival of everything else. */
export const vanilla: Strategy = {
  *course(row) {
    while (row.step < row.steps) {
      row.checkpoint();
      yield* fullStep(row, { keep: false });
    }
  },
};
