import { mean, quantileSorted } from 'simple-statistics';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** A two-sided confidence interval. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** An estimate with its 95 % confidence interval. */
export interface Estimate {
  readonly value: number;
  readonly interval: Interval;
}

const Z95 = 1.959963984540054;

/**
 * Share of successes with Wilson's 95 % score interval, which stays inside [0, 1] and is honest at 0 and 1
 * (E. B. Wilson, JASA 22, 1927). Throws a RangeError for no trials or an impossible count.
 */
export function share(successes: number, trials: number): Estimate {
  if (!(trials > 0) || successes < 0 || successes > trials) {
    throw new RangeError(`${successes} successes in ${trials} trials make no share`);
  }
  const p = successes / trials;
  const z2 = Z95 * Z95;
  const centre = (p + z2 / (2 * trials)) / (1 + z2 / trials);
  const half = (Z95 / (1 + z2 / trials)) * Math.sqrt((p * (1 - p)) / trials + z2 / (4 * trials * trials));
  return { value: p, interval: { low: Math.max(0, centre - half), high: Math.min(1, centre + half) } };
}

/** How a bootstrap is drawn. */
export interface BootstrapOptions {
  /** Number of resamples; default 2,000. */
  readonly resamples?: number;
  /** Seed of the resampling, so that a report is reproducible; default 1. */
  readonly seed?: number;
}

/** Mean with a 95 % percentile-bootstrap interval. Throws a RangeError for an empty list. */
export function bootstrapMean(values: readonly number[], options: BootstrapOptions = {}): Estimate {
  if (values.length === 0) throw new RangeError('no values to average');
  const { resamples = 2000, seed = 1 } = options;
  const random = xoroshiro128plus(seed);
  const means: number[] = [];
  for (let r = 0; r < resamples; r += 1) {
    let sum = 0;
    for (let i = 0; i < values.length; i += 1) sum += values[uniformInt(random, 0, values.length - 1)] as number;
    means.push(sum / values.length);
  }
  means.sort((a, b) => a - b);
  const interval = { low: quantileSorted(means, 0.025), high: quantileSorted(means, 0.975) };
  return { value: mean([...values]), interval };
}
