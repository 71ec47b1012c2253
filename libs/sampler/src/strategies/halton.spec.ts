import { describe, expect, it } from 'vitest';
import { haltonOrder } from '../halton-order.js';
import { EIGHT_BY_EIGHT, ofKind, played, requestOf } from '../testing/played.js';

const ascending = (positions: number[]): number[] => positions.sort((a, b) => a - b);

describe('the Halton order', () => {
  // Point i lies in row floor(height · i mirrored in base 2) and column floor(width · i mirrored in base 3): 1/2 1/3, 1/4 2/3, 3/4 1/9, …
  it.each([
    [4, [9, 6, 12, 1, 11, 4, 14, 3, 8, 5]],
    [8, [34, 21, 48, 11, 46, 25, 60, 7, 32, 18]],
    [9, [39, 24, 55, 13, 52, 29, 68, 8, 45, 21]], // the fifth lies in column 9 · 7/9 = 7 exactly
  ])('of a grid of %i rows begins as worked by hand', (size, first) => {
    expect(haltonOrder(size, size).slice(0, 10)).toEqual(first);
  });

  it.each([[4, 4], [8, 8], [6, 12], [27, 16]])('of %i columns and %i rows has every position once', (width, height) => {
    expect(ascending(haltonOrder(width, height))).toEqual(Array.from({ length: width * height }, (_, position) => position));
  });
});

describe('halton', () => {
  it('reveals the positions in the order, as many as the cumulative counts say', async () => {
    const runs = await played(requestOf('halton', { steps: 4 }));
    const order = haltonOrder(4, 4);
    // 16 · (2/π) arcsin(i/4) = 2.6, 5.3, 8.6, 16
    expect(runs.map(({ revealed }) => revealed)).toEqual([[0, 2], [2, 5], [5, 8], [8, 16]].map((part) => ascending(order.slice(...part))));
  });

  it.each([1, 7, 64])('reveals a picture of 64 tokens along the order in %i steps', async (steps) => {
    const runs = await played(requestOf('halton', { steps }), { model: EIGHT_BY_EIGHT });
    const order = haltonOrder(8, 8);
    let known = 0;
    for (const { revealed } of runs) expect(revealed).toEqual(ascending(order.slice(known, (known += revealed.length))));
    expect([known, runs.length]).toEqual([64, steps]);
  });

  it('holds the guidance through the steps and sharpens the logits up to 1.2 times', async () => {
    const runs = await played(requestOf('halton', { steps: 5, temperature: 0.6 }));
    expect(runs.map(({ guidance }) => guidance)).toEqual([2, 2, 2, 2, 2]);
    expect(runs.map(({ temperature }) => 0.6 / temperature)).toEqual([1, 1.05, 1.1, 1.15, 1.2].map((factor) => expect.closeTo(factor, 12) as number));
    expect(ofKind(runs, 'full').map(({ turn }) => turn.prompts.length)).toEqual([2, 2, 2, 2, 2]);
  });
});
