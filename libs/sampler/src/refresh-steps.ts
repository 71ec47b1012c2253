import { invalid } from './invalid.js';
import { roundHalfEven } from './round-half-even.js';

/**
 * Which of `steps` steps are full ones when `budget` of them may be: the paper's placement, uniform in steps, with
 * Python's rounding. The first step is always one. Throws `invalid_request` unless 1 ≤ budget ≤ steps, both integers.
 */
export function refreshSteps(steps: number, budget: number): number[] {
  if (!Number.isInteger(budget) || budget < 1 || budget > steps) {
    throw invalid('budget', `a whole number from 1 to ${steps} (the steps)`, budget);
  }
  const placed = [0];
  for (let k = 1; k < budget; k++) {
    placed.push(Math.max(placed[k - 1]! + 1, roundHalfEven((steps * k) / budget)));
  }
  return placed;
}
