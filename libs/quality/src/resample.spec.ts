import { describe, expect, it } from 'vitest';
import { bootstrapMean } from './interval.js';
import { estimateFrom, replicates } from './resample.js';

const values = Array.from({ length: 150 }, (_, i) => (i * 37) % 101);
const mean = (picks: readonly number[]): number => picks.reduce((sum, i) => sum + values[i]!, 0) / picks.length;
const all = values.map((_, i) => i);

describe('replicates', () => {
  it('bootstrap the mean as bootstrapMean does', () => {
    const { interval } = estimateFrom(mean(all), replicates(values.length, mean, { resamples: 2000 }));
    const known = bootstrapMean(values).interval;
    expect(interval.low).toBeCloseTo(known.low, 0);
    expect(interval.high).toBeCloseTo(known.high, 0);
  });

  it('are paired: the same seed draws the same indices, so a constant difference has no spread', () => {
    const options = { resamples: 50, seed: 3 };
    const shifted = replicates(values.length, (picks) => mean(picks) + 2, options);
    for (const [i, replicate] of replicates(values.length, mean, options).entries()) expect(shifted[i]! - replicate).toBeCloseTo(2, 9);
    expect(() => replicates(0, mean)).toThrow(RangeError);
  });
});

describe('estimateFrom', () => {
  it('lays the spread around the value, whatever the replicates are shifted by', () => {
    const { value, interval } = estimateFrom(10, Array.from({ length: 101 }, (_, i) => 50 + (i - 50) / 50));
    expect(value).toBe(10);
    expect(interval.low).toBeCloseTo(9.05, 2);
    expect(interval.high).toBeCloseTo(10.95, 2);
  });
});
