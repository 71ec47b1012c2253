import { generateOne, StepEngine, Trajectory, type TrajectoryRequest } from '@slipstream/sampler';
import { describeModelRunner } from '@slipstream/sampler/testing';
import { graphNames, knobsOf, strategyNames } from '@slipstream/contracts';
import { beforeAll, describe, expect, it } from 'vitest';
import { graphFiles, loadBundle, type Bundle } from './bundle.js';
import { openGraph } from './graph-session.js';
import { runLimits } from './run-limits.js';
import { TINY_BUNDLE } from './testing/bundle-copy.js';
import { readGolden, relativeError, rowOf, tensorOf, uniformsOf, type Golden } from './testing/golden.js';
import { openTinyRunner } from './testing/open-tiny-runner.js';

describeModelRunner('OnnxRunner over the tiny bundle', openTinyRunner);

describe('pictures of the tiny bundle', () => {
  it('have the same pixels and tokens at batch 1, 3 and 8, whoever the mates and in any order', async () => {
    const runner = await openTinyRunner();
    const made: unknown[] = [];
    for (const [rows, order] of [[1, [0, 1, 2, 3, 4, 5, 6, 7]], [3, [5, 2, 7, 0, 3, 6, 1, 4]], [8, [7, 6, 5, 4, 3, 2, 1, 0]]] as const) {
      const engine = new StepEngine(runner, { capacity: rows, limits: runLimits({ capacity: rows, executionProvider: 'cuda' }) });
      const trajectories = await Promise.all(order.map((i) => engine.submit(requests[i]!)));
      made.push(trajectories.sort((a, b) => a.request.seed - b.request.seed).map(({ pixels, tokens }) => ({ pixels, tokens })));
    }
    expect(made[1]).toEqual(made[0]);
    expect(made[2]).toEqual(made[0]);
  });
});

/** Eight of many kinds: prompts, strategies, steps, budgets and guidance differ, so they meet at different steps. */
const requests = Array.from({ length: 8 }, (_, i): TrajectoryRequest => {
  const steps = [8, 8, 16, 5, 8, 1, 12, 8][i]!;
  const strategy = (['shortcut', 'anchored', 'recap', 'vanilla', 'taylorseer', 'adaptive', 'ml-cache', 'halton'] as const)[i]!;
  const prompt = Int32Array.of(2 + 7 * i, i % 2 ? 151 : 0, 0, 0, 0, 0, 0, 0);
  return { prompt, seed: i, strategy, steps, budget: Math.min(steps, 1 + (i % 3)), knobs: knobsOf(strategy), guidance: i % 5, temperature: 1 };
});

describe('a prediction', () => {
  it.each(['anchored', 'shortcut', 'taylorseer'] as const)('by %s from one number that is none fails its row, and the row says so', async (strategy) => {
    const runner = await openTinyRunner();
    const row = new Trajectory({ ...requests[1]!, strategy, budget: 1, knobs: knobsOf(strategy) }, runner.model);
    const place = runner.model.promptLength * runner.model.channels;
    while (!row.settled) {
      const output = (await runner.run({ kind: row.kind, shape: row.shape, rows: [row] })).rows[0]!;
      if (row.kind === 'full') for (const values of [output.features, output.residual]) values?.fill(NaN, place, place + 1);
      row.take(output);
    }
    expect(row.failure).toMatchObject({ code: 'engine_failed', message: expect.stringContaining('not finite') });
  });
});

describe('the tiny bundle', () => {
  it('serves every strategy', async () => {
    const { manifest } = await loadBundle(TINY_BUNDLE);
    expect([...manifest.strategies].sort()).toEqual([...strategyNames].sort());
  });
});

describe('parity with the trainer', () => {
  let bundle: Bundle;
  let golden: Golden;
  beforeAll(async () => {
    [bundle, golden] = await Promise.all([loadBundle(TINY_BUNDLE), readGolden(TINY_BUNDLE)]);
  });

  it.each(graphNames)('of the %s graph: floats within the tolerance, integers identical', async (name) => {
    const cases = golden.graphs.filter(({ graph }) => graph === name);
    expect(cases.length).toBeGreaterThan(0);
    const { graphs, folder } = graphFiles(bundle);
    const session = await openGraph(bundle.manifest.graphs[name]!, graphs[name]!, { executionProvider: 'cpu', threads: 2, folder });
    for (const { inputs, outputs, relativeTolerance } of cases) {
      const ours = await session.run(Object.fromEntries(Object.entries(inputs).map(([key, value]) => [key, tensorOf(value)])));
      for (const [key, value] of Object.entries(outputs)) {
        const [mine, theirs] = [ours[key]!.data, tensorOf(value).data];
        if (value.type !== 'float32') expect(mine).toEqual(theirs);
        else expect(relativeError(mine as Float32Array, theirs as Float32Array)).toBeLessThan(relativeTolerance);
      }
    }
  });

  it('of whole trajectories: the same tokens after every step under the same uniforms', async () => {
    const runner = await openTinyRunner();
    expect(golden.trajectories.map(({ strategy }) => strategy)).toEqual(expect.arrayContaining(['vanilla', 'shortcut', 'anchored']));
    for (const run of golden.trajectories) {
      const request = { ...run, prompt: Int32Array.from(run.promptIds), seed: 0 };
      const { tokensByStep } = await generateOne(runner, request, uniformsOf(run));
      expect(tokensByStep).toEqual(tokensByStep.map((_, step) => rowOf(run.tokens, step)));
    }
  });
});
