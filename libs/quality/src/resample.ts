import { quantileSorted } from 'simple-statistics';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { BootstrapOptions, Estimate } from './interval.js';

/**
 * A statistic of a whole set, again on `resamples` draws of its indices with replacement. Equal options give equal draws:
 * replicates of two arms over the same subjects are paired, and their differences are replicates of the difference.
 */
export function replicates(count: number, statistic: (picks: readonly number[]) => number, { resamples = 200, seed = 1 }: BootstrapOptions = {}): number[] {
  if (count < 1) throw new RangeError('nothing to draw from');
  const random = xoroshiro128plus(seed);
  return Array.from({ length: resamples }, () => statistic(Array.from({ length: count }, () => uniformInt(random, 0, count - 1))));
}

/**
 * A 95 % interval of the replicates' spread, laid around the value seen: draws with replacement hold fewer distinct members
 * than the set, which moves a Fréchet distance as a whole and tells nothing of its error.
 */
export function estimateFrom(value: number, drawn: readonly number[]): Estimate {
  const sorted = [...drawn].sort((a, b) => a - b);
  const centre = drawn.reduce((sum, replicate) => sum + replicate, 0) / drawn.length;
  return { value, interval: { low: Math.min(value, value + quantileSorted(sorted, 0.025) - centre), high: Math.max(value, value + quantileSorted(sorted, 0.975) - centre) } };
}
