import { describe, expect, it } from 'vitest';
import { TINY_MODEL } from '../testing/fake-model-runner.js';
import { ofKind, played, requestOf } from '../testing/played.js';

const branches = async (...given: Parameters<typeof played>): Promise<number[]> => {
  const runs = await played(...given);
  expect(runs.map(({ turn }) => turn.kind)).toEqual(runs.map(() => 'full'));
  return ofKind(runs, 'full').map(({ turn }) => turn.prompts.length);
};

describe('vanilla', () => {
  it('makes every step full and leaves out the unconditional branch at the first, where the ramp is 0', async () => {
    expect(await branches(requestOf('vanilla', { steps: 4 }))).toEqual([1, 2, 2, 2]);
  });

  it('needs both branches at every step when guidance is constant', async () => {
    expect(await branches(requestOf('vanilla', { steps: 4 }), { model: { ...TINY_MODEL, guidanceRamp: 'constant' } })).toEqual([2, 2, 2, 2]);
  });

  it('needs both branches for the only step of one, which has the whole guidance', async () => {
    expect(await branches(requestOf('vanilla', { steps: 1 }))).toEqual([2]);
  });

  it('needs no unconditional branch without guidance', async () => {
    expect(await branches(requestOf('vanilla', { steps: 3, guidance: 0 }))).toEqual([1, 1, 1]);
  });

  it('ramps the guidance from 0 to its full height', async () => {
    const runs = await played(requestOf('vanilla', { steps: 5, guidance: 2 }));
    expect(runs.map(({ guidance }) => guidance)).toEqual([0, 0.5, 1, 1.5, 2]);
  });
});
