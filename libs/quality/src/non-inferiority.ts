import type { Estimate } from './interval.js';

export interface NonInferiorityOptions {
  /** What may be lost, declared before the pictures were made; in the unit of the difference, 0 or more. */
  readonly margin: number;
  /** Which way is better. */
  readonly better: 'higher' | 'lower';
}

/**
 * Whether a candidate is no worse than its baseline by more than the margin, with 97.5 % confidence in that direction:
 * the whole 95 % interval of candidate − baseline lies on the right side of it. "No" is not the finding that it is worse.
 */
export function isNonInferior({ interval }: Estimate, { margin, better }: NonInferiorityOptions): boolean {
  if (!(margin >= 0)) throw new RangeError(`a margin must be 0 or more, not ${margin}`);
  return better === 'higher' ? interval.low >= -margin : interval.high <= margin;
}
