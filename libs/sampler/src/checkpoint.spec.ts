import { checkpoints, strategyNames, type Checkpoint } from '@slipstream/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FakeModelRunner, TINY_MODEL } from './testing/fake-model-runner.js';
import { arbitraryRequest } from './testing/arbitrary-request.js';
import { requestOf, type Changes } from './testing/played.js';
import { Trajectory, type TrajectoryRequest } from './trajectory.js';

interface Life {
  readonly row: Trajectory;
  /** In the order in which they were left, each once. */
  readonly checkpoints: Checkpoint[];
  /** Steps done before the first run under each of them. */
  readonly leftAt: number[];
}

/** Runs a row to its picture, as it would cross Redis. */
async function live(request: TrajectoryRequest, from?: Checkpoint): Promise<Life> {
  const runner = new FakeModelRunner(TINY_MODEL);
  const row = new Trajectory(request, TINY_MODEL, { from });
  const left: Checkpoint[] = [];
  const leftAt: number[] = [];
  while (!row.settled) {
    const { lastCheckpoint, kind, shape, step } = row;
    if (lastCheckpoint && lastCheckpoint !== left.at(-1)) {
      left.push(lastCheckpoint);
      leftAt.push(step);
    }
    row.take((await runner.run({ kind, shape, rows: [row] })).rows[0]!);
  }
  if (row.failure) throw row.failure;
  return { row, checkpoints: left, leftAt };
}

const overTheWire = (left: Checkpoint): Checkpoint => checkpoints.parse(JSON.parse(JSON.stringify({ bundle: 'b', pictures: [left] }))).pictures[0]!;
const stepsLeftAt = async (strategy: (typeof strategyNames)[number], changes: Changes): Promise<number[]> => (await live(requestOf(strategy, changes))).checkpoints.map(({ step }) => step);

describe('a checkpoint', () => {
  it.each(strategyNames)('of %s gives the same picture and the same step map, whichever of them it goes on from', async (strategy) => {
    await fc.assert(
      fc.asyncProperty(arbitraryRequest([strategy]), async (request) => {
        const whole = await live(request);
        for (const [i, from] of whole.checkpoints.entries()) {
          const { row, checkpoints: later } = await live(request, overTheWire(from));
          expect([...row.pixels!]).toEqual([...whole.row.pixels!]);
          expect(row.stepMap).toBe(whole.row.stepMap);
          // What it leaves from there on is what the undisturbed row left: a picture may lose its worker again and again.
          expect(later).toEqual(whole.checkpoints.slice(i));
        }
      }),
      { numRuns: 60 },
    );
  });

  it('lies before every full step but the first, wherever a strategy takes them', async () => {
    expect(await stepsLeftAt('vanilla', {})).toEqual([1, 2, 3, 4, 5]);
    expect(await stepsLeftAt('halton', {})).toEqual([1, 2, 3, 4, 5]);
    for (const strategy of ['shortcut', 'anchored'] as const) expect(await stepsLeftAt(strategy, { steps: 8, budget: 4 })).toEqual([2, 4, 6]);
    expect(await stepsLeftAt('ml-cache', { steps: 12, knobs: { warmupRatio: 0.1, refreshInterval: 4 } })).toEqual([1, 5, 9]);
    expect(await stepsLeftAt('recap', { steps: 8, knobs: { preFullSteps: 2, cachedSteps: 2 } })).toEqual([1, 2, 5]);
    expect(await stepsLeftAt('taylorseer', { steps: 8, budget: 4, knobs: { order: 0 } })).toEqual([2, 4, 6]);
  });

  it('of adaptive names the refresh and is left after it, with what the refresh taught', async () => {
    const { checkpoints: left, leftAt } = await live(requestOf('adaptive', { steps: 8, budget: 3, knobs: { maxGap: 3, tolerance: 10 } }));
    expect(left.map(({ step, memo }) => [step, memo!['fullSteps']])).toEqual([[3, 2], [6, 3]]);
    expect(leftAt).toEqual([4, 7]);
  });

  it('is not left by strategies that keep more than a full step gives back', async () => {
    expect(await stepsLeftAt('taylorseer', { steps: 8, budget: 4, knobs: { order: 1 } })).toEqual([]);
    expect(await stepsLeftAt('dllm-cache', { steps: 8 })).toEqual([]);
    expect(await stepsLeftAt('dimo', {})).toEqual([]);
  });

  it('that is not of this request is left aside: the picture begins at its beginning', async () => {
    const request = requestOf('shortcut', { steps: 8, budget: 4 });
    const { row: whole, checkpoints: [good] } = await live(request);
    const wrong: Partial<Checkpoint>[] = [
      { tokens: good!.tokens.slice(1) }, { tokens: good!.tokens.map(() => TINY_MODEL.mask) }, { tokens: good!.tokens.map(() => 1) },
      { tokens: good!.tokens.map((token) => (token === TINY_MODEL.mask ? token : TINY_MODEL.mask + 1)) }, { step: 8 }, { stepMap: 'F'.repeat(9) },
    ];
    for (const change of wrong) {
      const { row, checkpoints: left } = await live(request, { ...good!, ...change });
      expect([...row.pixels!]).toEqual([...whole.pixels!]);
      expect(left[0]).toEqual(good);
    }
  });
});
