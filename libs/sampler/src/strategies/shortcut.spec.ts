import { describe, expect, it } from 'vitest';
import { ofKind, played, requestOf, stepsOf } from '../testing/played.js';

describe('shortcut', () => {
  it.each([
    [15, 7, [0, 2, 4, 6, 9, 11, 13]],
    [15, 8, [0, 2, 4, 6, 8, 9, 11, 13]],
    [6, 1, [0]],
    [4, 4, [0, 1, 2, 3]],
  ])('of %i steps with a budget of %i has its full steps where the paper has them', async (steps, budget, full) => {
    const runs = await played(requestOf('shortcut', { steps, budget }));
    expect(stepsOf(runs, 'full')).toEqual(full);
    expect(runs.map(({ step }) => step)).toEqual(Array.from({ length: steps }, (_, step) => step));
  });

  it('places them by the tokens revealed when told to', async () => {
    // The 16 tokens come 1, 1, 2, 2, 2, 3, 3, 2: a third of them are known before step 4 (6), two thirds before step 6 (11).
    const runs = await played(requestOf('shortcut', { steps: 8, budget: 3, knobs: { placement: 'mass' } }));
    expect(runs.map(({ revealed }) => revealed.length)).toEqual([1, 1, 2, 2, 2, 3, 3, 2]);
    expect(stepsOf(runs, 'full')).toEqual([0, 4, 6]);
  });

  it('goes on from the features of the step before and the positions that it revealed', async () => {
    const runs = await played(requestOf('shortcut', { steps: 8, budget: 3 }));
    for (const { turn, step } of ofKind(runs, 'shortcut')) {
      expect(turn.features).toBe(runs[step - 1]!.output.features);
      expect(turn.news).toEqual(runs[step - 1]!.revealed);
    }
  });

  it('keeps the features of both branches though the first step has no guidance, and of one when there is none at all', async () => {
    for (const [guidance, branches] of [[2, 2], [0, 1]]) {
      const runs = await played(requestOf('shortcut', { guidance }));
      expect(ofKind(runs, 'full').map(({ turn }) => turn.prompts.length)).toEqual([branches, branches]);
    }
  });
});
