import { describe, expect, it } from 'vitest';
import { preferenceOf } from './preference.js';

describe('preferenceOf', () => {
  it('gives each share the interval that is known for it', () => {
    // Newcombe, Statistics in Medicine 17 (1998), table I, method 3: 81 of 263 and 15 of 148.
    const { win } = preferenceOf({ wins: 81, ties: 0, losses: 182 }, 0);
    expect([win.interval.low, win.interval.high].map((bound) => bound.toFixed(4))).toEqual(['0.2553', '0.3662']);
    const { tie } = preferenceOf({ wins: 100, ties: 15, losses: 33 }, 0);
    expect([tie.interval.low, tie.interval.high].map((bound) => bound.toFixed(4))).toEqual(['0.0624', '0.1605']);
  });

  it('splits ties, so that nothing but ties is an even preference', () => {
    const { preference, loss } = preferenceOf({ wins: 0, ties: 400, losses: 0 }, 0.05);
    expect(preference.value).toBe(0.5);
    expect(preference.interval.high - 0.5).toBeCloseTo(0.049, 3);
    expect(loss).toEqual({ value: 0, interval: { low: 0, high: expect.closeTo(0.0095, 4) } });
  });

  it('decides only when the whole interval lies on one side of what the margin allows', () => {
    const verdict = (wins: number, losses: number, margin: number) => preferenceOf({ wins, ties: 0, losses }, margin).verdict;
    expect(verdict(200, 200, 0.05)).toBe('non_inferior'); // 0.451 … 0.549
    expect(verdict(196, 204, 0.05)).toBe('undecided');
    expect(verdict(196, 204, 0.06)).toBe('non_inferior');
    expect(verdict(140, 260, 0.05)).toBe('inferior');
    expect(verdict(4, 6, 0.05)).toBe('undecided');
    expect(verdict(0, 400, 0.5)).toBe('non_inferior');
  });

  it('refuses no votes, and a margin that is none', () => {
    expect(() => preferenceOf({ wins: 0, ties: 0, losses: 0 }, 0.05)).toThrow(RangeError);
    for (const margin of [-0.1, 0.6, NaN]) expect(() => preferenceOf({ wins: 1, ties: 0, losses: 0 }, margin)).toThrow(/margin/);
  });
});
