import { fullStep } from '../full-step.js';
import type { Features } from '../model-runner.js';
import { revealedSince } from '../progress.js';
import { placedRefreshes } from '../refresh-steps.js';
import { shareOut } from '../schedule.js';
import type { Strategy } from '../strategy.js';

interface Anchor {
  readonly features: Features;
  readonly tokens: Int32Array;
  readonly maskRatio: number;
}

/**
 * Ours: every step between two full ones is predicted from the earlier one and all that was revealed since, so errors do not
 * compound. Full steps may reveal more than the schedule gives them (`fullShare`), for they are not mistaken.
 */
export const anchored: Strategy = {
  *course(row) {
    const refreshes = placedRefreshes(row);
    const counts = shareOut(row.revealCounts, refreshes, row.knobs.fullShare ?? 0);
    let anchor: Anchor | undefined;
    while (row.step < row.steps) {
      if (anchor === undefined || refreshes.has(row.step)) {
        row.checkpoint();
        const input = { tokens: row.tokens.slice(), maskRatio: row.maskRatio };
        anchor = { ...input, features: yield* fullStep(row, { sampling: { revealCount: counts[row.step]! } }) };
      } else {
        const { features, maskRatio: anchorMaskRatio } = anchor;
        const sampling = { revealCount: counts[row.step]! };
        yield { kind: 'anchored', features, anchorMaskRatio, revealed: revealedSince(anchor.tokens, row), sampling };
      }
    }
  },
};
