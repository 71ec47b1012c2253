import { bootstrapMean, type BootstrapOptions, type Estimate } from './interval.js';

/**
 * Mean of `candidate[i] − baseline[i]` with a 95 % bootstrap interval over the pairs. Pairing (same prompt, same
 * seed) removes what both arms share. Throws a RangeError when the lists differ in length or are empty.
 */
export function pairedDifference(
  candidate: readonly number[],
  baseline: readonly number[],
  options: BootstrapOptions = {},
): Estimate {
  if (candidate.length !== baseline.length) {
    throw new RangeError(`${candidate.length} candidates cannot be paired with ${baseline.length} baselines`);
  }
  return bootstrapMean(
    candidate.map((value, i) => value - (baseline[i] as number)),
    options,
  );
}

/**
 * How large a difference two runs of the *same* arm may show by chance: the larger of the half-width of the
 * 95 % interval of their paired difference and the difference that was seen. A difference between two arms
 * within it is no finding.
 */
export function noiseFloor(run: readonly number[], rerun: readonly number[], options: BootstrapOptions = {}): number {
  const { value, interval } = pairedDifference(rerun, run, options);
  return Math.max(Math.abs(value), (interval.high - interval.low) / 2);
}
