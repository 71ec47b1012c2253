import type { PlanKind } from '@slipstream/sampler';
import type { Speedup } from './engine.js';

/** What a picture cost: its share of the seconds of each run that it was part of, by kind. */
export type Costs = Readonly<Record<PlanKind, { readonly seconds: number }>>;

/**
 * How much faster a picture was than the same picture with every step full:
 *
 *   value = (steps × full + decode) ÷ (all runs of this picture)
 *
 * `full` is the median cost of one row's full step, with as many guidance branches as this picture has, over the last 64 full runs of this engine in this process, a run's
 * cost shared equally by its rows; the divisor is this picture's own shares. Time in graphs only, waiting left out.
 * A vanilla picture has about 1. Without a measured full step (`fullSeconds` 0) nothing is claimed: 1, not measured.
 */
export function speedupOf(costs: Costs, { steps, fullSeconds }: { steps: number; fullSeconds: number }): Speedup {
  const baseline = `vanilla: the same ${steps} steps, every one full, at this engine's median cost of a full step`;
  const spent = Object.values(costs).reduce((total, { seconds }) => total + seconds, 0);
  if (!(fullSeconds > 0) || !(spent > 0)) return { value: 1, baseline, measured: false };
  return { value: (steps * fullSeconds + costs.decode.seconds) / spent, baseline, measured: true };
}
