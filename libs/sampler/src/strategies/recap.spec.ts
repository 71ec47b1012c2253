import { describe, expect, it } from 'vitest';
import { ofKind, played, requestOf, type Changes, type Ran } from '../testing/played.js';

const playedRecap = async (changes: Changes): Promise<Ran<'partial'>[]> => ofKind(await played(requestOf('recap', changes)), 'partial');
const isFull = ({ turn }: Ran<'partial'>): boolean => turn.selected[0]!.length === 20;
const pattern = (runs: Ran<'partial'>[]): string => runs.map((run) => (isFull(run) ? 'F' : 'p')).join('');

/** The masked positions of a run from the surest to the least sure. */
function bySureness({ maskedPositions, output, tokens }: Ran<'partial'>): number[] {
  const masked = [...maskedPositions.keys()].filter((i) => tokens[maskedPositions[i]!] === 100);
  return masked.sort((a, b) => output.ranks![a]! - output.ranks![b]!).map((i) => maskedPositions[i]!);
}

describe('recap', () => {
  it.each([
    [8, { preFullSteps: 0, cachedSteps: 1 }, 'FpFpFpFp'],
    [7, { preFullSteps: 0, cachedSteps: 1 }, 'FpFpFpF'],
    [8, { preFullSteps: 3, cachedSteps: 1 }, 'FFFFpFpF'],
    [8, { preFullSteps: 1, cachedSteps: 2 }, 'FFppFppF'],
    [8, { preFullSteps: 0, cachedSteps: 2 }, 'FppFppFp'],
    [3, { preFullSteps: 5, cachedSteps: 1 }, 'FFF'],
    [1, {}, 'F'],
  ])('of %i steps with %j groups them as they come, the last group short if it must be', async (steps, knobs, expected) => {
    expect(pattern(await playedRecap({ steps, knobs }))).toBe(expected);
  });

  it('fixes the targets of a group at its full step and reveals them in the order in which it was sure of them', async () => {
    const runs = await playedRecap({ steps: 8, knobs: { cachedSteps: 2 } });
    for (const [start, count] of [[0, 3], [3, 3], [6, 2]] as const) {
      const order = bySureness(runs[start]!);
      let known = 0;
      for (const run of runs.slice(start, start + count)) {
        const due = order.slice(known, (known += run.revealed.length));
        expect(run.revealed).toEqual(due.sort((a, b) => a - b));
      }
    }
  });

  it('recomputes in its cheap steps the targets of the whole group, in every branch', async () => {
    const runs = await playedRecap({ steps: 8, knobs: { cachedSteps: 2 } });
    const group = runs.slice(3, 6);
    const size = group.reduce((total, { revealed }) => total + revealed.length, 0);
    const targets = bySureness(group[0]!).slice(0, size).map((position) => 4 + position);
    for (const { turn } of group.slice(1)) {
      expect(turn.selected.map((positions) => [...positions.slice(0, size)])).toEqual([targets, targets]);
      expect(turn.selected.map(({ length }) => length)).toEqual([8, 8]);
    }
  });

  it('keeps the noise of the schedule where it chooses targets', async () => {
    const [first, other] = await Promise.all([7, 8].map((seed) => playedRecap({ seed, steps: 4 })));
    expect(bySureness(first![0]!)).not.toEqual(bySureness(other![0]!));
    expect(first![0]!.turn.sampling).toEqual({});
  });
});
