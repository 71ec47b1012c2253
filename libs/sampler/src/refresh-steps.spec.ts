import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { refreshSteps, refreshStepsByMass } from './refresh-steps.js';

describe('refresh placement', () => {
  it.each([
    [15, 7, [0, 2, 4, 6, 9, 11, 13]],
    [15, 8, [0, 2, 4, 6, 8, 9, 11, 13]],
    [15, 6, [0, 2, 5, 8, 10, 12]],
    [32, 8, [0, 4, 8, 12, 16, 20, 24, 28]],
    [32, 9, [0, 4, 7, 11, 14, 18, 21, 25, 28]],
    [32, 12, [0, 3, 5, 8, 11, 13, 16, 19, 21, 24, 27, 29]],
    [64, 9, [0, 7, 14, 21, 28, 36, 43, 50, 57]],
    [64, 11, [0, 6, 12, 17, 23, 29, 35, 41, 47, 52, 58]],
    [64, 14, [0, 5, 9, 14, 18, 23, 27, 32, 37, 41, 46, 50, 55, 59]],
    [7, 1, [0]],
    [3, 3, [0, 1, 2]],
  ])('of %i steps and budget %i is the published one', (steps, budget, placed) => {
    expect(refreshSteps(steps, budget)).toEqual(placed);
  });

  it('begins with the first step and stays in order and within the steps', () => {
    const shape = fc.integer({ min: 1, max: 200 }).chain((steps) => fc.tuple(fc.constant(steps), fc.integer({ min: 1, max: steps })));
    fc.assert(
      fc.property(shape, ([steps, budget]) => {
        const placed = refreshSteps(steps, budget);
        expect(placed).toHaveLength(budget);
        expect(placed[0]).toBe(0);
        expect(placed).toEqual([...new Set(placed)].sort((a, b) => a - b));
        expect(placed.at(-1)).toBeLessThan(steps);
      }),
    );
  });

  // MaskGIT's counts of 1,024 tokens: with 15 steps 226, 445, 618 and 915 of them are known before steps 6, 9, 11 and 14.
  it.each([
    [[1, 72, 103, 128, 150, 171, 190, 209], 1, [0]],
    [[1, 72, 103, 128, 150, 171, 190, 209], 2, [0, 6]],
    [[1, 72, 103, 128, 150, 171, 190, 209], 3, [0, 5, 7]],
    [[1, 26, 38, 46, 54, 61, 67, 73, 79, 84, 89, 94, 99, 104, 109], 5, [0, 6, 9, 11, 14]],
    [[16, 1, 1, 1], 3, [0, 1, 2]],
    [[1, 1, 1, 16], 3, [0, 2, 3]],
  ])('by tokens revealed, %j, with a budget of %i lies where each share of them is first known', (counts, budget, placed) => {
    expect(refreshStepsByMass(counts, budget)).toEqual(placed);
  });

  it('by tokens revealed uses up any budget, in order', () => {
    const shape = fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 64 }).chain((counts) => fc.tuple(fc.constant(counts), fc.integer({ min: 1, max: counts.length })));
    fc.assert(
      fc.property(shape, ([counts, budget]) => {
        const placed = refreshStepsByMass(counts, budget);
        expect(placed).toHaveLength(budget);
        expect(placed[0]).toBe(0);
        expect(placed).toEqual([...new Set(placed)].sort((a, b) => a - b));
      }),
    );
  });

  it.each([0, 9, 1.5])('refuses a budget of %d for 8 steps and names the field', (budget) => {
    for (const place of [() => refreshSteps(8, budget), () => refreshStepsByMass(new Array<number>(8).fill(2), budget)]) {
      expect(place).toThrow(/budget must be a whole number from 1 to 8/);
    }
  });
});
