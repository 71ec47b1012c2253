import { describe, expect, it } from 'vitest';
import { ascending, PartialState } from './partial-state.js';
import { TINY_MODEL } from './testing/fake-model-runner.js';
import { requestOf } from './testing/played.js';
import { Trajectory } from './trajectory.js';
import type { Turn } from './turn.js';

const state = () => new PartialState(new Trajectory(requestOf('recap'), TINY_MODEL));
type Partial = Extract<Turn, { kind: 'partial' }>;

function selected(...wanted: number[][]): number[][] {
  const turn = state().partial(wanted).next().value as Partial;
  return turn.selected.map((positions) => [...positions]);
}

describe('a partial state', () => {
  it('begins with nothing known', () => {
    const turn = state().full().next().value as Partial;
    expect([turn.features, turn.cache]).toEqual([new Float32Array(80), new Float32Array(160)]);
  });

  it('tops every branch up to one size that the graph knows, with positions that are not yet there', () => {
    expect(selected([19, 1], [7, 6, 5])).toEqual([[19, 1, 0, 2], [7, 6, 5, 0]]);
    expect(selected([19], [9, 8, 7, 6, 5])).toEqual([[19, 0, 1, 2, 3, 4, 5, 6], [9, 8, 7, 6, 5, 0, 1, 2]]);
    expect(selected([], [])).toEqual([[0, 1, 2, 3], [0, 1, 2, 3]]);
  });

  it('goes on from what its last run gave', () => {
    const kept = state();
    const run = kept.full();
    run.next();
    const output = { features: new Float32Array(80).fill(1), cache: new Float32Array(160).fill(2) };
    expect(run.next(output)).toEqual({ done: true, value: output });
    expect(kept.partial([[0], [0]]).next().value).toMatchObject(output);
  });
});

describe('the ascending order', () => {
  it('puts the lower index first among equals', () => {
    expect(ascending([3, 1, 2, 1, 3])).toEqual([1, 3, 2, 0, 4]);
  });
});
