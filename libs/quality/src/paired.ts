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
 * How large a difference two runs of the *same* arm may show by chance, from the difference that they showed: the larger
 * of its size and the half-width of its 95 % interval. A difference between two arms within it is no finding.
 */
export function noiseOf({ value, interval }: Estimate): number {
  return Math.max(Math.abs(value), (interval.high - interval.low) / 2);
}

/** The same from the values of both runs. */
export function noiseFloor(run: readonly number[], rerun: readonly number[], options: BootstrapOptions = {}): number {
  return noiseOf(pairedDifference(rerun, run, options));
}
