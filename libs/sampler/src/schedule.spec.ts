import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arccosRevealCounts, cosineKeepCounts, haltonCumulativeCounts, revealCounts } from './schedule.js';

const differences = (values: number[]): number[] => values.map((value, i) => value - (values[i - 1] ?? 0));

describe('arccos schedule', () => {
  it.each([
    [8, [1, 72, 103, 128, 150, 171, 190, 209]],
    [15, [1, 26, 38, 46, 54, 61, 67, 73, 79, 84, 89, 94, 99, 104, 109]],
    [32, [1, 8, 12, 14, 17, 19, 20, 22, 24, 25, 27, 28, 29, 31, 32, 33, 34, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 47, 48, 49, 50, 49]],
  ])('gives the published counts of 1,024 tokens over %i steps', (steps, counts) => {
    expect(arccosRevealCounts(steps, 1024)).toEqual(counts);
    expect(revealCounts('arccos', steps, 1024)).toEqual(counts);
  });
});

describe('cosine schedule', () => {
  // prettier-ignore
  const published = [2, 3, 7, 8, 11, 14, 16, 18, 21, 23, 26, 28, 30, 33, 35, 37, 40, 42, 44, 46, 49, 50, 53, 55, 57, 59, 60, 63, 65, 67, 68, 70, 72, 74, 75, 77, 79, 80, 81, 83, 84, 86, 87, 88, 89, 90, 92, 92, 93, 95, 95, 95, 97, 97, 98, 98, 99, 99, 100, 100, 100, 101, 100, 100];

  it('gives the published counts of 4,096 tokens over 64 steps', () => {
    expect(revealCounts('cosine', 64, 4096)).toEqual(published);
  });

  it('says how many tokens stay masked, none after the last step', () => {
    const kept = cosineKeepCounts(64, 4096);
    expect(kept[0]).toBe(4094);
    expect(kept.at(-1)).toBe(0);
    expect(differences(kept.map((count) => 4096 - count))).toEqual(published);
  });
});

describe('Halton schedule', () => {
  it('counts all tokens revealed so far, at least one more a step, all of them after the last', () => {
    const revealed = haltonCumulativeCounts(32, 256);
    expect(revealed.at(-1)).toBe(256);
    expect(Math.min(...differences(revealed))).toBeGreaterThanOrEqual(1);
    expect(haltonCumulativeCounts(4, 1024)).toEqual([164, 341, 552, 1024]);
  });

  it('never stands still, whatever the steps and tokens', () => {
    const shape = fc.integer({ min: 1, max: 600 }).chain((tokens) => fc.tuple(fc.integer({ min: 1, max: tokens }), fc.constant(tokens)));
    fc.assert(
      fc.property(shape, ([steps, tokens]) => {
        expect(Math.min(...differences(haltonCumulativeCounts(steps, tokens)))).toBeGreaterThanOrEqual(1);
      }),
    );
  });
});

describe('reveal counts', () => {
  it('are at least 1 and sum to the tokens for any number of steps', () => {
    const shape = fc.integer({ min: 1, max: 600 }).chain((tokens) => fc.tuple(fc.constant(tokens), fc.integer({ min: 1, max: tokens })));
    fc.assert(
      fc.property(fc.constantFrom('arccos' as const, 'cosine' as const), shape, (schedule, [tokens, steps]) => {
        const counts = revealCounts(schedule, steps, tokens);
        expect(counts).toHaveLength(steps);
        expect(Math.min(...counts)).toBeGreaterThanOrEqual(1);
        expect(counts.reduce((a, b) => a + b)).toBe(tokens);
      }),
    );
  });

  it.each([0, 17, 2.5, NaN])('refuse %d steps over 16 tokens and name the field', (steps) => {
    expect(() => revealCounts('arccos', steps, 16)).toThrow(/steps must be a whole number from 1 to 16/);
  });
});
