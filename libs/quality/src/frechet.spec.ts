import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { frechetDistance, frechetDistanceTo } from './frechet.js';
import { gaussianOf, type Gaussian } from './gaussian.js';

const gaussian = (mean: number[], covariance: number[]): Gaussian => ({ count: 100, mean, covariance });
const vectors = (rows: number[][]): Float32Array[] => rows.map((row) => Float32Array.from(row));

describe('frechetDistance', () => {
  it('has the closed form of two Gaussians on a line: (μ₁ − μ₂)² + (σ₁ − σ₂)²', () => {
    expect(frechetDistance(gaussian([0], [1]), gaussian([3], [4]))).toBeCloseTo(10, 12);
  });

  it('adds up over independent axes', () => {
    const a = gaussian([1, 0, 2], [4, 0, 0, 0, 9, 0, 0, 0, 0]);
    const b = gaussian([0, 2, 2], [1, 0, 0, 0, 1, 0, 0, 0, 25]);
    expect(frechetDistance(a, b)).toBeCloseTo(1 + 4 + 1 + 4 + 25, 10);
  });

  it('handles covariances that do not commute: tr √M = √(tr M + 2 √det M) for M = C₁C₂ of size 2', () => {
    const value = frechetDistance(gaussian([0, 0], [2, 1, 1, 2]), gaussian([0, 0], [1, 0, 0, 4]));
    expect(value).toBeCloseTo(4 + 5 - 2 * Math.sqrt(10 + 2 * Math.sqrt(12)), 10);
  });

  it('is 0 for equal sets, symmetric and not negative, with fewer vectors than channels too', () => {
    const set = fc.array(fc.array(fc.double({ min: -4, max: 4, noNaN: true }), { minLength: 5, maxLength: 5 }), { minLength: 2, maxLength: 12 });
    fc.assert(
      fc.property(set, set, (first, second) => {
        const [a, b] = [gaussianOf(vectors(first)), gaussianOf(vectors(second))];
        expect(frechetDistance(a, a)).toBeCloseTo(0, 6);
        expect(frechetDistance(a, b)).toBeGreaterThanOrEqual(0);
        expect(frechetDistance(a, b)).toBeCloseTo(frechetDistance(b, a), 5);
      }),
      { numRuns: 50 },
    );
  });

  it('refuses features of another length', () => {
    expect(() => frechetDistanceTo(gaussian([0], [1]))(gaussian([0, 0], [1, 0, 0, 1]))).toThrow(/2 channels cannot be compared with 1/);
  });
});

describe('gaussianOf', () => {
  it('gives mean and unbiased covariance', () => {
    const { count, mean, covariance } = gaussianOf(vectors([[1, 2], [3, 6], [5, 4]]));
    expect(count).toBe(3);
    expect([...Array.from(mean)]).toEqual([3, 4]);
    expect([...Array.from(covariance)]).toEqual([4, 2, 2, 4]);
  });

  it('keeps its precision far from 0, where sums of squares lose theirs', () => {
    const { covariance } = gaussianOf(vectors([[1e6], [1e6 + 1], [1e6 + 2]]));
    expect(covariance[0]).toBeCloseTo(1, 9);
  });

  it('refuses one vector, ragged ones, and numbers that are none, naming the vector', () => {
    expect(() => gaussianOf(vectors([[1]]))).toThrow(RangeError);
    expect(() => gaussianOf(vectors([[1], [1, 2]]))).toThrow(/vector 1 has 2 numbers, the first has 1/);
    expect(() => gaussianOf(vectors([[1, 2], [3, NaN]]))).toThrow(expect.objectContaining({ code: 'bundle_invalid', param: 'features', message: expect.stringContaining('NaN at place 1 for picture 1; leave that picture out') }));
  });
});
