import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { kernelDistance, kernelTable } from './kernel-distance.js';

const line = (...values: number[]): Float32Array[] => values.map((value) => Float32Array.of(value));

describe('kernelDistance', () => {
  it('is the unbiased estimate, worked by hand: 1 + 27 − 2 · (1 + 1 + 8 + 27) / 4', () => {
    expect(kernelDistance(kernelTable(line(0, 1), line(1, 2)))).toBeCloseTo(9.5, 12);
  });

  it('divides the product by the channels', () => {
    const [a, b] = [Float32Array.of(2, 0), Float32Array.of(0, 2)];
    // x·x = 4 → 27, x·y = 0 → 1: pairs 1, 1; cross (27 + 1 + 1 + 27) / 4.
    expect(kernelDistance(kernelTable([a, b], [a, b]))).toBeCloseTo(1 + 1 - 2 * 14, 12);
  });

  it('does not mind the order, and a resample of every vector once is the set itself', () => {
    const values = fc.uniqueArray(fc.integer({ min: -5, max: 5 }), { minLength: 3, maxLength: 8 });
    fc.assert(
      fc.property(values, values, (a, b) => {
        const table = kernelTable(line(...a), line(...b));
        const picks = a.map((_, i) => a.length - 1 - i);
        expect(kernelDistance(table, picks)).toBeCloseTo(kernelDistance(table), 9);
        expect(kernelDistance(kernelTable(line(...[...a].reverse()), line(...b)))).toBeCloseTo(kernelDistance(table), 9);
      }),
    );
  });

  it('never pairs a vector with itself, however often it is drawn', () => {
    const table = kernelTable(line(0, 1, 5), line(1, 2));
    // 0 twice and 1 once: both pairs are (0, 1), kernel 1; cross (1 + 1 + 17.5) / 3.
    expect(kernelDistance(table, [0, 0, 1])).toBeCloseTo(1 + 27 - (2 * 19.5) / 3, 12);
  });

  it('refuses sets too small or of other channels', () => {
    expect(() => kernelTable(line(1), line(1, 2))).toThrow(RangeError);
    expect(() => kernelTable(line(1, 2), [Float32Array.of(1, 2), Float32Array.of(1, 2)])).toThrow(/channels/);
  });
});
