import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bootstrapMean, share } from './interval.js';

describe('share', () => {
  it("gives Wilson's published interval", () => {
    const { value, interval } = share(8, 10);
    expect(value).toBe(0.8);
    expect(interval.low).toBeCloseTo(0.4902, 4);
    expect(interval.high).toBeCloseTo(0.9433, 4);
  });

  it('stays inside [0, 1], holds the share, and is never of zero width', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), fc.nat(), (trials, pick) => {
        const { value, interval } = share(pick % (trials + 1), trials);
        expect(interval.low).toBeGreaterThanOrEqual(0);
        expect(interval.high).toBeLessThanOrEqual(1);
        expect(interval.low).toBeLessThanOrEqual(value + 1e-12);
        expect(interval.high).toBeGreaterThanOrEqual(value - 1e-12);
        expect(interval.high - interval.low).toBeGreaterThan(0);
      }),
    );
  });

  it('refuses impossible counts', () => {
    expect(() => share(0, 0)).toThrow(RangeError);
    expect(() => share(3, 2)).toThrow(RangeError);
  });
});

describe('bootstrapMean', () => {
  const values = Array.from({ length: 200 }, (_, i) => (i * 37) % 101);

  it('agrees with the normal approximation on many values', () => {
    const { value, interval } = bootstrapMean(values);
    const deviation = Math.sqrt(values.reduce((sum, x) => sum + (x - value) ** 2, 0) / (values.length - 1));
    const half = (1.96 * deviation) / Math.sqrt(values.length);
    expect((interval.high - interval.low) / 2 / half).toBeGreaterThan(0.9);
    expect((interval.high - interval.low) / 2 / half).toBeLessThan(1.1);
  });

  it('gives the same interval for the same seed and another one for another seed', () => {
    expect(bootstrapMean(values, { seed: 5 })).toEqual(bootstrapMean(values, { seed: 5 }));
    expect(bootstrapMean(values, { seed: 5 }).interval).not.toEqual(bootstrapMean(values, { seed: 6 }).interval);
  });

  it('has no width when all values are equal, and refuses an empty list', () => {
    expect(bootstrapMean([2, 2, 2])).toEqual({ value: 2, interval: { low: 2, high: 2 } });
    expect(() => bootstrapMean([])).toThrow(RangeError);
  });
});
