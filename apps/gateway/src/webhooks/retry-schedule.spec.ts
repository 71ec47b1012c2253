import { describe, expect, it } from 'vitest';
import { retryAfterOf, retryDelayMs } from './retry-schedule.js';

const failed = (status?: number, retryAfterMs?: number) => ({ attempt: { atMs: 0, seconds: 0, ...(status !== undefined && { status }) }, retryAfterMs });
const [minute, hour] = [60_000, 3_600_000];

describe('the next try', () => {
  it('comes after 5 s, 5 min, 30 min, 2, 5, 10, 14, 20 and 24 h, and then not at all', () => {
    const delays = Array.from({ length: 10 }, (_, done) => retryDelayMs(done + 1, failed(500), 0));
    expect(delays).toEqual([5_000, 5 * minute, 30 * minute, 2 * hour, 5 * hour, 10 * hour, 14 * hour, 20 * hour, 24 * hour, undefined]);
  });

  it('is spread over a tenth more', () => {
    expect(retryDelayMs(1, failed(500), 1)).toBe(5_500);
    const drawn = Array.from({ length: 50 }, () => retryDelayMs(1, failed(500))!);
    expect(Math.min(...drawn)).toBeGreaterThanOrEqual(5_000);
    expect(new Set(drawn).size).toBeGreaterThan(1);
  });

  it.each([429, 502, 504])('slows down after %i', (status) => {
    expect(retryDelayMs(1, failed(status), 0)).toBe(minute);
    expect(retryDelayMs(2, failed(status), 0)).toBe(5 * minute);
  });

  it('waits as long as it was asked to, and no longer than a day', () => {
    expect(retryDelayMs(1, failed(503, 90_000), 0)).toBe(90_000);
    expect(retryDelayMs(3, failed(503, 90_000), 0)).toBe(30 * minute);
    expect(retryDelayMs(1, failed(429, 365 * 24 * hour), 0)).toBe(24 * hour);
  });
});

describe('Retry-After', () => {
  it('is seconds or a date', () => {
    expect(retryAfterOf('120', 0)).toBe(120_000);
    expect(retryAfterOf('Wed, 21 Oct 2026 07:28:00 GMT', Date.UTC(2026, 9, 21, 7, 27))).toBe(minute);
    expect(retryAfterOf('Wed, 21 Oct 2026 07:28:00 GMT', Date.UTC(2027, 0, 1))).toBe(0);
    for (const nothing of [undefined, 'soon', '-1']) expect(retryAfterOf(nothing, Date.UTC(2026, 0, 1))).toSatisfy((ms: number | undefined) => ms === undefined || ms === 0);
  });
});
