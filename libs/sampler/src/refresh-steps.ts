import { invalid } from './invalid.js';
import type { Progress } from './progress.js';
import { roundHalfEven } from './round-half-even.js';

/**
 * Which of `steps` steps are full ones when `budget` of them may be: the paper's placement, uniform in steps, with
 * Python's rounding. The first step is always one. Throws `invalid_request` unless 1 ≤ budget ≤ steps, both integers.
 */
export function refreshSteps(steps: number, budget: number): number[] {
  requireBudget(steps, budget);
  const placed = [0];
  for (let k = 1; k < budget; k++) {
    placed.push(Math.max(placed[k - 1]! + 1, roundHalfEven((steps * k) / budget)));
  }
  return placed;
}

/**
 * The same number of full steps, uniform in tokens revealed: the k-th lies where a share k ÷ budget of them is known, so
 * that none is spent while there is next to nothing to learn from. `revealCounts` (steps).
 */
export function refreshStepsByMass(revealCounts: readonly number[], budget: number): number[] {
  const steps = revealCounts.length;
  requireBudget(steps, budget);
  const tokens = revealCounts.reduce((total, count) => total + count, 0);
  const placed = [0];
  let known = revealCounts[0]!;
  for (let step = 1; step < steps && placed.length < budget; step++) {
    const due = known >= (tokens * placed.length) / budget;
    if (due || steps - step === budget - placed.length) placed.push(step);
    known += revealCounts[step]!;
  }
  return placed;
}

/** The full steps of a row by its budget and its `placement` knob. */
export function placedRefreshes({ knobs, revealCounts, steps, budget }: Progress): ReadonlySet<number> {
  return new Set(knobs.placement === 'mass' ? refreshStepsByMass(revealCounts, budget) : refreshSteps(steps, budget));
}

function requireBudget(steps: number, budget: number): void {
  if (Number.isInteger(budget) && budget >= 1 && budget <= steps) return;
  throw invalid('budget', `a whole number from 1 to ${steps} (the steps)`, budget);
}
