import { drainWindowSeconds } from './policy.js';

/** Device-seconds of work that the fleet finishes per second, as of a moment. */
export interface DrainRate {
  readonly perSecond: number;
  readonly atMs: number;
}

interface Moment {
  readonly nowMs: number;
  /** Workers that are alive; what one of them finishes per second is one device-second, until it is measured. */
  readonly workers: number;
}

/** The rate after so many device-seconds of work were finished: a mean over the last `drainWindowSeconds`, older work counting less and less. */
export function drained(rate: DrainRate | undefined, finishedSeconds: number, moment: Moment): DrainRate {
  return { perSecond: perSecondNow(rate, moment) + finishedSeconds / drainWindowSeconds, atMs: moment.nowMs };
}

/** The rate now. What was measured long ago says nothing. */
export function perSecondNow(rate: DrainRate | undefined, { nowMs, workers }: Moment): number {
  const seconds = rate ? Math.max(0, nowMs - rate.atMs) / 1000 : Infinity;
  if (rate === undefined || seconds > 10 * drainWindowSeconds) return workers;
  return rate.perSecond * Math.exp(-seconds / drainWindowSeconds);
}
