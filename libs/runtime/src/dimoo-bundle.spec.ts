import { knobsOf, strategyNames } from '@slipstream/contracts';
import { describeModelRunner } from '@slipstream/sampler/testing';
import { openEngine, type Engine } from '@slipstream/runtime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadBundle } from './bundle.js';
import { promptEncoder, type PromptEncoder } from './prompt-encoder.js';
import { DIMOO_BUNDLE, openDimooRunner } from './testing/dimoo-bundle.js';
import { readGolden } from './testing/golden.js';
import { playedTogether } from './testing/played-together.js';

const served = strategyNames.filter((name) => !['anchored', 'dimo'].includes(name));

describeModelRunner('OnnxRunner over a bundle with prompts in a template', openDimooRunner, served.filter((name) => name !== 'adaptive'));

describe('parity of Lumina-DiMOO with the trainer', () => {
  it('holds for rows of several strategies and lengths of prompts that share their runs: the same tokens after every step', async () => {
    const [runner, { trajectories }] = await Promise.all([openDimooRunner(), readGolden(DIMOO_BUNDLE)]);
    expect(trajectories.map(({ strategy }) => strategy).sort()).toEqual(['shortcut', 'shortcut', 'vanilla', 'vanilla']);
    expect(new Set(trajectories.map(({ promptIds }) => promptIds.filter((id) => id !== runner.model.pad).length)).size).toBe(2);
    expect(await playedTogether(runner, trajectories)).toBeGreaterThan(8);
  });
});

describe('a prompt in a template', () => {
  let prompts: PromptEncoder;
  beforeAll(async () => {
    prompts = promptEncoder(await loadBundle(DIMOO_BUNDLE));
  });

  it('has the ids that the trainer gives it', async () => {
    const { trajectories } = await readGolden(DIMOO_BUNDLE);
    for (const { prompt, promptIds } of trajectories) expect([...prompts.encode(prompt)]).toEqual(promptIds);
  });

  it('is taken as it is, whatever signs are in it', async () => {
    const { manifest } = await loadBundle(DIMOO_BUNDLE);
    const written = (prompt: string): number[] => [...prompts.encode(prompt)].filter((id) => id !== manifest.prompt.pad);
    const [plain, signs] = [written('x'), written('$& {prompt}')];
    expect(signs.slice(0, 12)).toEqual(plain.slice(0, 12));
    expect(signs.length).toBe(plain.length - 1 + '$& {prompt}'.length);
  });

  it('fits up to the last token and is refused with the limit from there on', () => {
    expect(prompts.encode('x'.repeat(27))).toHaveLength(40);
    expect(() => prompts.encode('x'.repeat(28))).toThrow(expect.objectContaining({ code: 'invalid_request', param: 'prompt', message: expect.stringContaining('prompt has 28 tokens, but the model reads at most 27') as string }));
    expect(() => prompts.encode('x'.repeat(32_000))).toThrow(/32000 tokens/);
  });
});

describe('an engine of Lumina-DiMOO', () => {
  let engine: Engine;
  const request = { prompt: 'a red apple', seed: 1, strategy: 'shortcut', steps: 8, budget: 3, guidance: 4, temperature: 1 } as const;
  beforeAll(async () => {
    engine = await openEngine({ bundleDir: DIMOO_BUNDLE, threads: 1 });
  });
  afterAll(() => engine.close());

  it('draws pictures wider than high, each prompt otherwise, and the same one again', async () => {
    const [apple, again, cat] = await Promise.all(['a red apple', 'a red apple', 'an orange cat'].map((prompt) => engine.submit({ ...request, prompt })));
    expect([apple!.width, apple!.height, apple!.pixels.length]).toEqual([10, 6, 10 * 6 * 4]);
    expect(again!.pixels).toEqual(apple!.pixels);
    expect(cat!.tokens).not.toEqual(apple!.tokens);
  });

  it('serves every strategy of its manifest, the same with mates as alone', async () => {
    const { strategies } = engine.manifest;
    expect(strategies).toEqual(served);
    const made = await Promise.all(strategies.map((strategy) => engine.submit({ ...request, strategy, knobs: knobsOf(strategy) })));
    for (const [i, strategy] of strategies.entries()) {
      expect(Math.max(...made[i]!.tokens)).toBeLessThan(64);
      expect((await engine.submit({ ...request, strategy, knobs: knobsOf(strategy), cache: 'off' })).tokens).toEqual(made[i]!.tokens);
    }
  });

  it('recomputes everything where dllm-cache is told to, and gets the pictures of full steps', async () => {
    const [vanilla, whole] = await Promise.all([engine.submit({ ...request, strategy: 'vanilla' }), engine.submit({ ...request, strategy: 'dllm-cache', knobs: { promptInterval: 1, responseInterval: 1, updateRatio: 0 } })]);
    expect(whole.tokens).toEqual(vanilla.tokens);
  });
});
