import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { distance, distinctCount, nearest } from './nearest.js';

const vector = (...values: number[]): Float32Array => Float32Array.from(values);

describe('nearest', () => {
  it('finds the closest vector and its Euclidean distance', () => {
    expect(nearest(vector(0, 0), [vector(5, 0), vector(3, 4), vector(0, 2)])).toEqual({ index: 2, distance: 2 });
  });

  it('takes the lowest index of equally near vectors', () => {
    expect(nearest(vector(0), [vector(1), vector(-1), vector(1)]).index).toBe(0);
  });

  it('finds a stored vector again at distance 0', () => {
    const table = fc.array(fc.tuple(fc.integer(), fc.integer()), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(table, fc.nat(), (rows, pick) => {
        const references = rows.map((row) => vector(...row));
        const query = references[pick % references.length] as Float32Array;
        const found = nearest(query, references);
        expect(found.distance).toBe(0);
        expect(references[found.index]).toEqual(query);
      }),
    );
  });

  it('refuses an empty table and vectors of different spaces', () => {
    expect(() => nearest(vector(1), [])).toThrow(RangeError);
    expect(() => distance(vector(1), vector(1, 2))).toThrow(/different spaces/);
  });
});

describe('distinctCount', () => {
  it('counts every value once', () => {
    expect(distinctCount([3, 1, 3, 3, 2])).toBe(3);
    expect(distinctCount([])).toBe(0);
  });
});
