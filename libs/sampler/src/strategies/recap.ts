import type { Progress } from '../progress.js';
import { PartialState } from '../partial-state.js';
import { placeOf } from '../place-of.js';
import type { Course, Strategy } from '../strategy.js';

/**
 * ReCAP (arXiv 2505.19089, NeurIPS 2025): after `preFullSteps` plain steps each full step is grouped with the next
 * `cachedSteps`. It fixes the targets of the whole group, the positions it is surest of, and reveals the first of them;
 * the cheap steps recompute the targets alone against the keys and values of everything else, and reveal the next of them
 * in that order. Temperatures are the model's own.
 */
export const recap: Strategy = {
  *course(row) {
    const { preFullSteps = 0, cachedSteps = 1 } = row.knobs;
    const state = new PartialState(row);
    while (row.step < Math.min(preFullSteps, row.steps)) {
      row.checkpoint();
      yield* state.full();
    }
    while (row.step < row.steps) {
      row.checkpoint();
      yield* group(row, { state, cachedSteps });
    }
  },
};

function* group(row: Progress, { state, cachedSteps }: { state: PartialState; cachedSteps: number }): Course {
  const { step, steps, revealCounts, model, prompts } = row;
  const end = Math.min(step + 1 + cachedSteps, steps);
  const size = revealCounts.slice(step, end).reduce((total, count) => total + count, 0);
  const masked = [...row.tokens.keys()].filter((position) => row.tokens[position] === model.mask);
  const { ranks } = yield* state.full();
  const order = masked.map((position, i) => ({ position, rank: ranks![i]! })).sort((a, b) => a.rank - b.rank).map(({ position }) => position);
  const targets = order.slice(0, size).map((position) => placeOf(position, model));
  while (row.step < end) yield* state.partial(prompts.map(() => targets), { order });
}
