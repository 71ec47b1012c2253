import { knobsOf, strategyNames } from '@slipstream/contracts';
import { describeModelRunner } from '@slipstream/sampler/testing';
import { openEngine, type Engine } from '@slipstream/runtime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CLASS_BUNDLE, INT8_BUNDLE, openClassRunner } from './testing/class-bundle.js';
import { readGolden } from './testing/golden.js';
import { playedTogether } from './testing/played-together.js';

const served = strategyNames.filter((name) => !['anchored', 'dimo'].includes(name));

const compared = served.filter((name) => name !== 'adaptive');
describeModelRunner('OnnxRunner over a bundle of classes', () => openClassRunner(), compared);
describeModelRunner('OnnxRunner over int8 weights', () => openClassRunner(INT8_BUNDLE), compared);

describe('parity of MaskGIT with the trainer', () => {
  it.each([['fp32', CLASS_BUNDLE], ['int8', INT8_BUNDLE]])('holds with %s weights for rows of several strategies and classes that share their runs: the same tokens after every step', async (_, bundleDir) => {
    const [runner, { trajectories }] = await Promise.all([openClassRunner(bundleDir), readGolden(bundleDir)]);
    expect(trajectories.map(({ strategy }) => strategy).sort()).toEqual(['shortcut', 'shortcut', 'vanilla', 'vanilla']);
    expect(await playedTogether(runner, trajectories)).toBeGreaterThan(8);
  });
});

describe('an engine of a bundle of classes', () => {
  let engine: Engine;
  const request = { prompt: '3', seed: 1, strategy: 'shortcut', steps: 8, budget: 3, guidance: 2.8, temperature: 1 } as const;
  beforeAll(async () => {
    engine = await openEngine({ bundleDir: CLASS_BUNDLE, threads: 1 });
  });
  afterAll(() => engine.close());

  it('draws each class otherwise, and the same one again', async () => {
    const [three, again, nine] = await Promise.all(['3', ' 3', '9'].map((prompt) => engine.submit({ ...request, prompt })));
    expect(three!.pixels).toHaveLength(8 * 8 * 4);
    expect(three!.pixels.filter((_, i) => i % 4 === 3).every((alpha) => alpha === 255)).toBe(true);
    expect(again!.pixels).toEqual(three!.pixels);
    expect(nine!.tokens).not.toEqual(three!.tokens);
  });

  it('serves every strategy of its manifest', async () => {
    const { strategies } = engine.manifest;
    expect(strategies).toEqual(served);
    const made = await Promise.all(strategies.map((strategy) => engine.submit({ ...request, strategy, knobs: knobsOf(strategy) })));
    for (const { tokens } of made) expect(Math.max(...tokens)).toBeLessThan(64);
  });

  it.each(['10', '1000', 'goldfish', ''])('refuses %j, which is no class of it', async (prompt) => {
    await expect(engine.submit({ ...request, prompt })).rejects.toMatchObject({ code: 'invalid_request', param: 'prompt', message: expect.stringContaining('by number from 0 to 9') });
  });
});
