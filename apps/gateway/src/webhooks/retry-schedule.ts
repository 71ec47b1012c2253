import type { Answer } from '@slipstream/queue';

const [seconds, minutes, hours] = [1_000, 60_000, 3_600_000];

/** Standard Webhooks 1.0.0: after the first attempt, which is made at once, nine more over some 75 hours. */
export const retryDelaysMs: readonly number[] = [5 * seconds, 5 * minutes, 30 * minutes, 2 * hours, 5 * hours, 10 * hours, 14 * hours, 20 * hours, 24 * hours];
const longestMs = 24 * hours;
/** What says that the receiver has too much to do. */
const overloaded = [429, 502, 504];

/**
 * Until the next try after `tries` in vain: the schedule's with up to a tenth more, so that not all come back together; never
 * before the receiver asked for, nor within a minute at one that has too much to do. undefined when it is enough.
 */
export function retryDelayMs(tries: number, { attempt, retryAfterMs = 0 }: Pick<Answer, 'attempt' | 'retryAfterMs'>, jitter = Math.random()): number | undefined {
  const scheduled = retryDelaysMs[tries - 1];
  if (scheduled === undefined) return undefined;
  const leastMs = overloaded.includes(attempt.status ?? 0) ? minutes : 0;
  return Math.round(Math.min(longestMs, Math.max(retryAfterMs, leastMs, scheduled)) * (1 + jitter / 10));
}

/** Milliseconds of a `Retry-After`, in seconds or as a date; undefined for what is neither. */
export function retryAfterOf(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1_000;
  const atMs = Date.parse(header);
  return Number.isNaN(atMs) ? undefined : Math.max(0, atMs - nowMs);
}
