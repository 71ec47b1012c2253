import { fullStep } from '../full-step.js';
import type { Features } from '../model-runner.js';
import { revealedSince } from '../progress.js';
import { placedRefreshes } from '../refresh-steps.js';
import type { Strategy } from '../strategy.js';

interface Anchor {
  readonly features: Features;
  readonly tokens: Int32Array;
  readonly maskRatio: number;
}

/** Ours: every step between two full ones is predicted from the earlier one and all that was revealed since, so errors do not compound. */
export const anchored: Strategy = {
  *course(row) {
    const refreshes = placedRefreshes(row);
    let anchor: Anchor | undefined;
    while (row.step < row.steps) {
      if (anchor === undefined || refreshes.has(row.step)) {
        row.checkpoint();
        const input = { tokens: row.tokens.slice(), maskRatio: row.maskRatio };
        anchor = { ...input, features: yield* fullStep(row) };
      } else {
        const { features, maskRatio: anchorMaskRatio } = anchor;
        yield { kind: 'anchored', features, anchorMaskRatio, revealed: revealedSince(anchor.tokens, row) };
      }
    }
  },
};
