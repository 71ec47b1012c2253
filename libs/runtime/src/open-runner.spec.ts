import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generateOne } from '@slipstream/sampler';
import { openEngine } from '@slipstream/runtime';
import { openRunner, type OpenRunner } from './open-runner.js';
import { TINY_BUNDLE } from './testing/bundle-copy.js';

describe('a runner without an engine', () => {
  let runner: OpenRunner;
  const request = { prompt: 'cat', seed: 7, strategy: 'shortcut', steps: 8, budget: 3, guidance: 2, temperature: 1 } as const;
  let made: Awaited<ReturnType<Awaited<ReturnType<typeof openEngine>>['submit']>>;
  beforeAll(async () => {
    const engine = await openEngine({ bundleDir: TINY_BUNDLE, threads: 1 });
    made = await engine.submit(request);
    await engine.close(); // one owner of ONNX Runtime at a time
    runner = await openRunner(TINY_BUNDLE, { threads: 1 });
  });
  afterAll(() => runner.release());

  it("makes the engine's pictures, step by step", async () => {
    const { tokensByStep, pixels } = await generateOne(runner, { ...request, prompt: runner.encode(request.prompt) });
    expect(tokensByStep).toHaveLength(8);
    expect(tokensByStep.at(-1)).toEqual(made.tokens);
    expect(pixels).toEqual(made.pixels);
  });

  it('gives vectors of tokens', async () => {
    expect(await runner.embed([made.tokens])).toHaveLength(1);
  });
});
