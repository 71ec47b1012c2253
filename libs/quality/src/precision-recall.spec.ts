import { describe, expect, it } from 'vitest';
import { precisionRecall } from './precision-recall.js';

const line = (...values: number[]): Float32Array[] => values.map((value) => Float32Array.of(value));
/** Five pictures 1 apart: with k = 3 each inner one reaches 2, the outer ones 3. */
const around = (centre: number) => line(centre - 2, centre - 1, centre, centre + 1, centre + 2);

describe('precisionRecall', () => {
  it('counts who lies within reach of the other set', () => {
    const { precise, recalled } = precisionRecall(line(4.9, 5.1, 6, 20), around(0), 3);
    // Reference reaches to 2 + 3 = 5; the made ones to 4.9 + 15.1, 5.1 + 14.9, …
    expect(precise).toEqual([true, false, false, false]);
    expect(recalled).toEqual([true, true, true, true, true]);
  });

  it('gives full precision and little recall to a sampler that knows one corner', () => {
    const { precise, recalled } = precisionRecall(line(0, 0.1, 0.2, 0.3), [...around(0), ...around(50)]);
    expect(precise.every(Boolean)).toBe(true);
    expect(recalled.filter(Boolean)).toHaveLength(1);
  });

  it('is symmetric: swapping the sets swaps the answers', () => {
    const [a, b] = [line(0, 1, 2, 5, 9), line(1, 3, 4, 8, 20)];
    expect(precisionRecall(a, b).precise).toEqual(precisionRecall(b, a).recalled);
  });

  it('refuses sets without k neighbours', () => {
    expect(() => precisionRecall(line(1, 2, 3), around(0))).toThrow(/3 vectors are too few for 3 neighbours/);
  });
});
