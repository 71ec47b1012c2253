import { share, type Estimate } from './interval.js';

/** What people said of a candidate beside its baseline. */
export interface Votes {
  readonly wins: number;
  readonly ties: number;
  readonly losses: number;
}

export interface Preference {
  readonly win: Estimate;
  readonly tie: Estimate;
  readonly loss: Estimate;
  /** Wins and half the ties. Its interval takes each vote for a coin, and is wider than it had to be where there are ties. */
  readonly preference: Estimate;
  /** `non_inferior`: the whole interval of the preference is at least 0.5 − margin; `inferior`: all of it is below. */
  readonly verdict: 'non_inferior' | 'inferior' | 'undecided';
}

/**
 * Shares with Wilson's 95 % intervals, and the verdict against a margin (0 to 0.5) that was declared before the first vote.
 * Votes are taken for independent of each other. Throws a RangeError for no votes or another margin.
 */
export function preferenceOf({ wins, ties, losses }: Votes, margin: number): Preference {
  if (!(margin >= 0 && margin <= 0.5)) throw new RangeError(`a margin must be from 0 to 0.5, not ${margin}`);
  const votes = wins + ties + losses;
  const preference = share(wins + ties / 2, votes);
  return { win: share(wins, votes), tie: share(ties, votes), loss: share(losses, votes), preference, verdict: verdictOf(preference, 0.5 - margin) };
}

function verdictOf({ interval }: Estimate, bound: number): Preference['verdict'] {
  if (interval.low >= bound) return 'non_inferior';
  return interval.high < bound ? 'inferior' : 'undecided';
}
