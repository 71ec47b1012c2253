import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { refreshSteps } from './refresh-steps.js';

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

  it.each([0, 9, 1.5])('refuses a budget of %d for 8 steps and names the field', (budget) => {
    expect(() => refreshSteps(8, budget)).toThrow(/budget must be a whole number from 1 to 8/);
  });
});
