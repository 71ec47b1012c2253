import { fullStep } from '../full-step.js';
import { haltonOrder } from '../halton-order.js';
import { haltonCumulativeCounts } from '../schedule.js';
import type { Strategy } from '../strategy.js';

/** Logits are multiplied by a factor that rises to this one at the last step (the sampler's published setting). */
const LAST_SHARPNESS = 1.2;

/**
 * Halton sampling (Besnier et al., ICLR 2025, arXiv 2503.17076): every step full, positions in the order of a Halton
 * sequence that is known in advance, constant guidance, no confidence and no noise on it.
 */
export const halton: Strategy = {
  *course(row) {
    const { model, steps } = row;
    const order = haltonOrder(model.gridWidth, model.gridHeight);
    const known = haltonCumulativeCounts(steps, model.imageTokens);
    while (row.step < steps) {
      row.checkpoint();
      const { step, scheduled } = row;
      const sharpness = 1 + (LAST_SHARPNESS - 1) * (steps === 1 ? 1 : step / (steps - 1));
      const revealCount = known[step]! - (known[step - 1] ?? 0);
      const guidance = scheduled.fullGuidance;
      yield* fullStep(row, { sampling: { guidance, temperature: scheduled.temperature / sharpness, revealCount, order } });
    }
  },
};
