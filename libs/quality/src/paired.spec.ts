import { describe, expect, it } from 'vitest';
import { noiseFloor, pairedDifference } from './paired.js';
import { spread } from './spread.js';

const wide = Array.from({ length: 64 }, (_, i) => 1000 * Math.sin(i));

describe('pairedDifference', () => {
  it('sees a small shift that the spread between pairs would hide', () => {
    const shifted = wide.map((value, i) => value + 1 + 0.1 * Math.cos(i));
    const { value, interval } = pairedDifference(shifted, wide);
    expect(value).toBeCloseTo(1, 1);
    expect(interval.low).toBeGreaterThan(0.9);
    expect(interval.high).toBeLessThan(1.1);
  });

  it('refuses lists that cannot be paired', () => {
    expect(() => pairedDifference([1], [1, 2])).toThrow(/cannot be paired/);
  });
});

describe('noiseFloor', () => {
  it('is zero for identical runs and at least the difference seen otherwise', () => {
    expect(noiseFloor(wide, wide)).toBe(0);
    expect(
      noiseFloor(
        wide,
        wide.map((value) => value + 3),
      ),
    ).toBeCloseTo(3);
  });

  it('grows with the scatter between the runs', () => {
    const rerun = (scale: number): number[] => wide.map((value, i) => value + scale * Math.sin(7 * i + 1));
    expect(noiseFloor(wide, rerun(10))).toBeGreaterThan(2 * noiseFloor(wide, rerun(1)));
  });
});

describe('spread', () => {
  it('gives the median and the interquartile range', () => {
    expect(spread([4, 1, 3, 2, 100])).toEqual({ median: 3, iqr: 2, repetitions: 5 });
    expect(spread([7])).toEqual({ median: 7, iqr: 0, repetitions: 1 });
    expect(() => spread([])).toThrow(RangeError);
  });
});
