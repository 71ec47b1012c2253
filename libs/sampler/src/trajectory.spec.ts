import { describe, expect, it } from 'vitest';
import type { Checkpoint } from '@slipstream/contracts';
import { TINY_MODEL } from './testing/fake-model-runner.js';
import { Trajectory, type TrajectoryRequest } from './trajectory.js';

const request: TrajectoryRequest = {
  prompt: new Int32Array(4),
  seed: 1,
  strategy: 'shortcut',
  steps: 4,
  budget: 2,
  guidance: 3,
  temperature: 1,
};
const begin = (changes: Partial<TrajectoryRequest> = {}, model = TINY_MODEL, from?: Checkpoint): Trajectory =>
  new Trajectory({ ...request, ...changes }, model, { from });

/** Reveals the first masked positions, as many as are due. */
function advance(row: Trajectory): void {
  const tokens = row.tokens.slice();
  for (let due = row.revealCount; due > 0; due--) tokens[tokens.indexOf(TINY_MODEL.mask)] = due;
  row.take({ nextTokens: tokens, features: new Float32Array(80) });
}

describe('a trajectory', () => {
  it('keeps the noise and has an unconditional prompt with words in it where the model says so', () => {
    const row = begin({}, { ...TINY_MODEL, confidenceRamp: 'constant', guidanceRamp: 'constant', unconditional: [7, 8] });
    expect(row.prompts.map((ids) => [...ids])).toEqual([[0, 0, 0, 0], [7, 8, 0, 0]]);
    for (; row.kind !== 'decode'; advance(row)) expect([row.guidance, row.confidenceNoise]).toEqual([3, 4]);
  });

  it('gives each step its kind, ramps the guidance up and anneals the noise down', () => {
    const row = begin();
    const seen = [];
    while (row.kind !== 'decode') {
      seen.push([row.kind, row.guidance, row.confidenceNoise, row.maskRatio, row.newPositions.length, row.shape]);
      advance(row);
    }
    expect(seen).toEqual([
      ['full', 0, 4, 1, 0, { branches: 2, masked: 16, places: 0 }],
      ['shortcut', 1, 4 * (1 - 1 / 3), 15 / 16, 1, { branches: 2, masked: 16, places: 2 }],
      ['full', 2, 4 * (1 - 2 / 3), 11 / 16, 4, { branches: 2, masked: 16, places: 0 }],
      ['shortcut', 3, 0, 6 / 16, 5, { branches: 2, masked: 8, places: 16 }],
    ]);
    expect(row.tokens).not.toContain(TINY_MODEL.mask);
  });

  it('of one step has the whole guidance and no noise', () => {
    const row = begin({ steps: 1, budget: 1 });
    expect([row.kind, row.guidance, row.confidenceNoise, row.revealCount]).toEqual(['full', 3, 0, 16]);
  });

  it('keeps the guidance where the model says so', () => {
    expect(begin({}, { ...TINY_MODEL, guidanceRamp: 'constant' }).guidance).toBe(3);
  });

  it('names as new exactly the positions that the last step revealed', () => {
    const row = begin();
    advance(row);
    expect(row.newPositions).toEqual([0]);
    advance(row);
    expect(row.newPositions).toEqual([1, 2, 3, 4]);
  });

  it('knows at which step each token was revealed, but for those of a life before', () => {
    const row = begin();
    advance(row);
    advance(row);
    expect([...row.revealedAt]).toEqual([0, 1, 1, 1, 1, ...Array<number>(11).fill(-1)]);
    advance(row);
    const heir = begin({}, TINY_MODEL, row.lastCheckpoint);
    while (heir.kind !== 'decode') advance(heir);
    expect([...heir.revealedAt]).toEqual([...Array<number>(5).fill(-1), ...Array<number>(5).fill(2), ...Array<number>(6).fill(3)]);
  });

  it('lists every masked position before it pads the bucket with revealed ones, both ascending', () => {
    const row = begin();
    advance(row);
    advance(row);
    expect([...row.maskedPositions]).toEqual([5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4]);
    advance(row);
    expect([...row.maskedPositions]).toEqual([10, 11, 12, 13, 14, 15, 0, 1]);
  });

  it('maps each step by what it was sampled from', () => {
    const row = begin();
    while (row.kind !== 'decode') advance(row);
    expect(row.stepMap).toBe('FsFs');
  });

  it.each([0, 2])('fails when a step revealed %i tokens instead of one, and names the step', (count) => {
    const row = begin();
    row.take({ nextTokens: row.tokens.map((token, position) => (position < count ? 1 : token)), features: new Float32Array(80) });
    expect(row).toMatchObject({ settled: true, failure: { code: 'engine_failed', message: expect.stringMatching(`step 0, a full run, revealed ${count} tokens instead of 1`) as string } });
  });

  it.each([
    ['prompt', { prompt: new Int32Array(3) }],
    ['seed', { seed: -1 }],
    ['steps', { steps: 17 }],
    ['budget', { budget: 5 }],
    ['guidance', { guidance: NaN }],
    ['temperature', { temperature: 0 }],
    ['strategy', { strategy: 'toString' as 'vanilla' }],
    ['steps', { strategy: 'dimo' as const }],
  ])('refuses a wrong %s and names it', (field, changes) => {
    expect(() => begin(changes)).toThrow(expect.objectContaining({ code: 'invalid_request', param: field }));
  });
});
