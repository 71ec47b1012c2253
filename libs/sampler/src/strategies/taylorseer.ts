import { placedRefreshes } from '../refresh-steps.js';
import type { Strategy } from '../strategy.js';

/** What the layers added to the embeddings at a full step. */
interface Known {
  readonly step: number;
  readonly residual: Float32Array;
}

/**
 * TaylorSeer (Liu et al., ICCV 2025, arXiv 2503.06923) on the residual sum: in a pre-norm trunk extrapolating every
 * module's output and adding them up is extrapolating h_L − h_0 and adding it to the new embeddings, so nothing else needs
 * keeping. The polynomial in the step number through the last full steps, which need not be equally far apart. Order 0 holds
 * the last residual; the order is lower while fewer full steps are known.
 */
export const taylorseer: Strategy = {
  *course(row) {
    const refreshes = placedRefreshes(row);
    const { order = 0 } = row.knobs;
    let known: Known[] = [];
    while (row.step < row.steps) {
      const { step, prompts } = row;
      if (order === 0 && refreshes.has(step)) row.checkpoint(); // any higher order needs residuals of earlier full steps
      if (known.length === 0 || refreshes.has(step)) {
        const { residual } = yield { kind: 'full', prompts, residual: true };
        known = [{ step, residual: residual! }, ...known].slice(0, order + 1);
      } else {
        yield { kind: 'tail', prompts, residual: extrapolate(known, step) };
      }
    }
  },
};

/** The polynomial through the known residuals, the latest first, at a later step; degree = their number − 1. */
export function extrapolate(known: readonly Known[], step: number): Float32Array {
  const weights = known.map(({ step: own }, i) =>
    known.reduce((weight, { step: other }, j) => (j === i ? weight : (weight * (step - other)) / (own - other)), 1),
  );
  const sum = new Float64Array(known[0]!.residual.length);
  known.forEach(({ residual }, i) => {
    const weight = weights[i]!;
    for (let at = 0; at < sum.length; at++) sum[at]! += weight * residual[at]!;
  });
  return new Float32Array(sum);
}
