import { describe, expect, it } from 'vitest';
import { EIGHT_BY_EIGHT, ofKind, played, requestOf, type Changes } from '../testing/played.js';
import { leastSure } from './ml-cache.js';

async function selections(changes: Changes, options: Parameters<typeof played>[1] = {}) {
  const runs = ofKind(await played(requestOf('ml-cache', changes), options), 'partial');
  return runs.map(({ turn }) => turn.selected.map((positions) => [...positions]));
}

/** The steps that recompute every position. */
async function fullSteps(steps: number, knobs: Changes['knobs'] = {}): Promise<number[]> {
  const selected = await selections({ steps, knobs }, { model: EIGHT_BY_EIGHT });
  expect(selected).toHaveLength(steps);
  return [...selected.keys()].filter((step) => selected[step]![0]!.length === EIGHT_BY_EIGHT.positions);
}

describe('ml-cache', () => {
  it('has 28 full steps of 64 by default: the warm-up and every fifth after it', async () => {
    const warm = Array.from({ length: 20 }, (_, step) => step);
    expect(await fullSteps(64)).toEqual([...warm, 24, 29, 34, 39, 44, 49, 54, 59]);
  });

  it('begins with a full step however few there are', async () => {
    expect(await fullSteps(1)).toEqual([0]);
    expect(await fullSteps(3)).toEqual([0]);
    expect(await fullSteps(4)).toEqual([0, 1]);
    expect(await fullSteps(10)).toEqual([0, 1, 2, 3, 8]);
  });

  it('makes every step full when told to refresh at each, or to warm up all along', async () => {
    expect(await fullSteps(5, { refreshInterval: 1 })).toEqual([0, 1, 2, 3, 4]);
    expect(await fullSteps(5, { warmupRatio: 1 })).toEqual([0, 1, 2, 3, 4]);
  });

  it('recomputes in each branch the positions that were least sure at the step before, prompt included', async () => {
    // Of 20 positions the largest logits rise in the first branch and fall in the second; a quarter of them is 5, a bucket 8.
    const maxLogits = Float32Array.from({ length: 40 }, (_, at) => (at < 20 ? at : 100 - at));
    const selected = await selections({ steps: 3, knobs: { cacheRatio: 0.75, warmupRatio: 0 } }, { script: (output) => ({ ...output, maxLogits }) });
    expect(selected[1]!.map((positions) => positions.slice(0, 5))).toEqual([[0, 1, 2, 3, 4], [19, 18, 17, 16, 15]]);
    expect(selected[1]!.map((positions) => new Set(positions).size)).toEqual([8, 8]);
  });

  it('goes on from the features and the keys and values of the step before', async () => {
    const runs = ofKind(await played(requestOf('ml-cache', { steps: 6, knobs: { warmupRatio: 0 } })), 'partial');
    for (const [i, { turn }] of runs.entries()) {
      if (i === 0) continue;
      expect(turn.features).toBe(runs[i - 1]!.output.features);
      expect(turn.cache).toBe(runs[i - 1]!.output.cache);
    }
  });
});

describe('the least sure positions', () => {
  const logits = Float32Array.of(5, 1, 4, 2, 3, 10, 30, 20, 50, 40);

  it.each([
    [0, [[1], [0]]],
    [0.1, [[1], [0]]],
    [0.25, [[1, 3], [0, 2]]],
    [0.5, [[1, 3, 4], [0, 2, 1]]],
    [1, [[1, 3, 4, 2, 0], [0, 2, 1, 4, 3]]],
  ])('of a share %d lie at or below that quantile of their own branch', (share, expected) => {
    expect(leastSure(logits, 2, share)).toEqual(expected);
  });

  it('are not one fewer because a share is not exact in binary', () => {
    expect(leastSure(Float32Array.from({ length: 21 }, (_, at) => at), 1, 1 - 0.9)).toEqual([[0, 1, 2]]);
  });
});
