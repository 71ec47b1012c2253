import { knobsOf, strategyTable, type Checkpoint } from '@slipstream/contracts';
import { Trajectory, type TrajectoryRequest } from '@slipstream/sampler';
import { beforeAll, describe, expect, it } from 'vitest';
import type { OnnxRunner } from './onnx-runner.js';
import { openTinyRunner } from './testing/open-tiny-runner.js';
import { loadBundle } from './bundle.js';
import { TINY_BUNDLE } from './testing/bundle-copy.js';

let runner: OnnxRunner;
let strategies: readonly TrajectoryRequest['strategy'][];
beforeAll(async () => {
  runner = await openTinyRunner();
  ({ strategies } = (await loadBundle(TINY_BUNDLE)).manifest);
});

async function pictureOf(request: TrajectoryRequest, from?: Checkpoint): Promise<{ pixels: string; left: Checkpoint[] }> {
  const row = new Trajectory(request, runner.model, { from });
  const left = new Set<Checkpoint>();
  while (!row.settled) {
    const { kind, shape } = row;
    row.take((await runner.run({ kind, shape, rows: [row] })).rows[0]!);
    if (row.lastCheckpoint) left.add(row.lastCheckpoint);
  }
  if (row.failure) throw row.failure;
  return { pixels: Buffer.from(row.pixels!).toString('base64'), left: [...left] };
}

describe('a picture of ONNX graphs', () => {
  it('goes on from each of its checkpoints to the same pixels, under every strategy', async () => {
    const resumed: string[] = [];
    for (const strategy of strategies) {
      const knobs = { ...knobsOf(strategy), ...(strategy === 'taylorseer' && { order: 0 }), ...(strategy === 'adaptive' && { maxGap: 3 }) };
      const steps = strategyTable[strategy].oneStep ? 1 : 10;
      const request = { prompt: new Int32Array(runner.model.promptLength).fill(1), seed: 11, strategy, steps, budget: Math.min(4, steps), knobs, guidance: 2, temperature: 1 };
      const { pixels, left } = await pictureOf(request);
      for (const from of left) expect({ strategy, step: from.step, pixels: (await pictureOf(request, from)).pixels }).toEqual({ strategy, step: from.step, pixels });
      if (left.length > 0) resumed.push(strategy);
    }
    expect(resumed.sort()).toEqual(['adaptive', 'anchored', 'halton', 'ml-cache', 'recap', 'shortcut', 'taylorseer', 'vanilla']);
  });
});
