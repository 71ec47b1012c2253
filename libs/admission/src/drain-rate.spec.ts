import { describe, expect, it } from 'vitest';
import { drained, perSecondNow, type DrainRate } from './drain-rate.js';
import { drainWindowSeconds } from './policy.js';

describe('the drain rate', () => {
  const workers = 8;
  const after = (seconds: number, perSecond: number, rate?: DrainRate): DrainRate => {
    for (let tenth = 1; tenth <= seconds * 10; tenth += 1) rate = drained(rate, perSecond / 10, { nowMs: (rate?.atMs ?? 0) + 100, workers });
    return rate!;
  };

  it('is one device-second a second for each worker, until it is measured', () => {
    expect(perSecondNow(undefined, { nowMs: 5, workers })).toBe(8);
    expect(perSecondNow(undefined, { nowMs: 5, workers: 0 })).toBe(0);
  });

  it('comes to what is being finished', () => {
    const rate = after(10 * drainWindowSeconds, 3);
    expect(perSecondNow(rate, { nowMs: rate.atMs, workers })).toBeCloseTo(3, 1);
    const faster = after(10 * drainWindowSeconds, 30, rate);
    expect(perSecondNow(faster, { nowMs: faster.atMs, workers })).toBeCloseTo(30, 0);
  });

  it('falls while nothing is finished, and forgets what is long past', () => {
    const rate = { perSecond: 6, atMs: 0 };
    expect(perSecondNow(rate, { nowMs: drainWindowSeconds * 1000, workers })).toBeCloseTo(6 / Math.E);
    expect(perSecondNow(rate, { nowMs: 11 * drainWindowSeconds * 1000, workers })).toBe(8);
    expect(perSecondNow(rate, { nowMs: -60_000, workers })).toBe(6);
  });
});
