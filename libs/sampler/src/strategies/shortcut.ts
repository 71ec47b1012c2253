import { fullStep } from '../full-step.js';
import type { Features } from '../model-runner.js';
import { placedRefreshes } from '../refresh-steps.js';
import type { Strategy } from '../strategy.js';

/** The paper's (section 3, algorithm 1): `budget` full steps, and shortcuts between them, each from the features of the last step. */
export const shortcut: Strategy = {
  *course(row) {
    const refreshes = placedRefreshes(row);
    let features: Features | undefined;
    while (row.step < row.steps) {
      if (features === undefined || refreshes.has(row.step)) {
        row.checkpoint();
        features = yield* fullStep(row);
      } else ({ features } = yield { kind: 'shortcut', features, news: row.newPositions });
    }
  },
};
