import { openEngine, type Engine, type EngineOptions, type SamplePreview, type SampleRequest, type StepReport } from '@slipstream/runtime';
import { generateOne } from '@slipstream/sampler';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadBundle } from './bundle.js';
import { promptEncoder } from './prompt-encoder.js';
import { BundleCopy, TINY_BUNDLE } from './testing/bundle-copy.js';
import { openTinyRunner } from './testing/open-tiny-runner.js';

const [TINY_CLASSIFIER, TINY_TEXT, EMOJI_CLASSIFIER] = ['../tiny-classifier', '../tiny-text', '../../../bundles/scorers/emoji-classifier'].map((path) => join(TINY_BUNDLE, path)) as [string, string, string];
const usual: SampleRequest = { prompt: 'balloon bird', seed: 1, strategy: 'shortcut', steps: 8, budget: 3, guidance: 2, temperature: 1 };
const open = (options: Partial<EngineOptions> = {}): Promise<Engine> => openEngine({ bundleDir: TINY_BUNDLE, threads: 1, ...options });

/** Requests of many kinds; every third is `usual` with another seed. */
const mates = (count: number): SampleRequest[] =>
  Array.from({ length: count }, (_, i) => {
    if (i % 3 === 0) return { ...usual, seed: i };
    const steps = 1 + ((i * 5) % 16);
    return { ...usual, prompt: i % 2 ? 'llama' : '', seed: i, strategy: i % 4 ? 'shortcut' : 'vanilla', steps, budget: 1 + (i % steps), guidance: i % 5 };
  });

describe('an engine', () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await open();
  });
  afterAll(() => engine.close());

  it('makes a picture and tells how', async () => {
    const steps: number[] = [];
    const result = await engine.submit(usual, { onStep: ({ step }) => steps.push(step) });
    expect(result).toMatchObject({ width: 32, height: 32, fullSteps: 3, shortcutSteps: 5 });
    expect(result.pixels).toHaveLength(32 * 32 * 4);
    expect(result.tokens).toHaveLength(16);
    expect(Math.max(...result.tokens)).toBeLessThan(125);
    expect(steps).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(result.seconds.engine).toBeGreaterThan(0);
    expect(result.seconds.waiting).toBeGreaterThanOrEqual(0);
    expect(result.speedup.measured).toBe(true);
    expect(result.speedup.value).toBeGreaterThan(0);
  });

  it('shows what becomes of a picture, and makes the same bytes as without', async () => {
    const previews: SamplePreview[] = [];
    const maps: string[] = [];
    const watched = await engine.submit({ ...usual, previews: 3 }, { onPreview: (preview) => previews.push(preview), onStep: (progress) => maps.push(progress.stepMap) });
    expect(previews.map(({ step, width, height, pixels }) => [step, width, height, pixels.length])).toEqual([2, 4, 6].map((step) => [step, 32, 32, 32 * 32 * 4]));
    for (const { masked } of previews) expect(masked).toMatch(/^(?=.*0)(?=.*1)[01]+$/);
    expect(new Set([...previews, watched].map(({ pixels }) => pixels.join())).size).toBe(4);
    expect(watched.pixels).toEqual((await engine.submit(usual)).pixels);
    expect(maps.at(-1)).toBe(watched.stepMap);
    expect(watched.stepMap).toMatch(/^[FR]ss?F/);
  });

  it('makes the bytes of the slow reference', async () => {
    const prompts = promptEncoder(await loadBundle(TINY_BUNDLE));
    const runner = await openTinyRunner();
    const requests = mates(6);
    const together = await Promise.all(requests.map((request) => engine.submit(request)));
    for (const [i, request] of requests.entries()) {
      const alone = await generateOne(runner, { ...request, prompt: prompts.encode(request.prompt) });
      expect(together[i]!.pixels).toEqual(alone.pixels);
      expect(together[i]!.tokens).toEqual(alone.tokensByStep.at(-1));
    }
  });

  it('reports every run, rows together', async () => {
    const reports: StepReport[] = [];
    const stop = engine.on((report) => reports.push(report));
    await Promise.all([1, 2, 3, 4].map((seed) => engine.submit({ ...usual, prompt: 'taco', seed, cache: 'off' })));
    stop();
    await engine.submit(usual);
    expect(reports.map(({ kind, rows, shape }) => `${kind} ${rows} ${shape.places}`)).toEqual([
      'full 4 0', 'shortcut 4 8', 'shortcut 4 8', 'full 4 0', 'shortcut 4 8', 'full 4 0', 'shortcut 4 8', 'shortcut 4 8', 'decode 4 0',
    ]);
    expect(reports.every(({ seconds }) => seconds > 0)).toBe(true);
  });

  it('knows what it does and what a step costs', async () => {
    const work = Promise.all(mates(20).map((request) => engine.submit(request)));
    expect(engine.stats()).toMatchObject({ capacity: 16, rowsInUse: 16, waiting: 4 });
    await work;
    const stats = engine.stats();
    expect(stats).toMatchObject({ rowsInUse: 0, waiting: 0 });
    expect(stats.rowSeconds.full).toBeGreaterThan(stats.rowSeconds.shortcut);
    expect(stats.outsideOnnxShare).toBeGreaterThan(0);
    expect(stats.outsideOnnxShare).toBeLessThan(1);
  });

  it('stops a picture when told, rejects with the reason and spares the others', async () => {
    const alone = await engine.submit({ ...usual, seed: 2 });
    const controller = new AbortController();
    const long = { ...usual, strategy: 'vanilla', steps: 16, budget: 16 } as const;
    const stopped = engine.submit(long, { signal: controller.signal, onStep: () => controller.abort('enough') });
    const mate = engine.submit({ ...usual, seed: 2 });
    const others = Array.from({ length: 12 }, (_, seed) => engine.submit({ ...long, seed })); // the engine is busy for long
    await expect(stopped).rejects.toBe('enough');
    expect((await mate).pixels).toEqual(alone.pixels);
    expect(await Promise.all(others)).toHaveLength(12);
    expect(engine.stats().rowsInUse).toBe(0);
  });

  it('refuses what was aborted before', async () => {
    await expect(engine.submit(usual, { signal: AbortSignal.abort('no') })).rejects.toBe('no');
  });

  it.each([
    ['steps', { steps: 17 }],
    ['budget', { budget: 9 }],
    ['seed', { seed: -1 }],
    ['temperature', { temperature: 0 }],
    ['strategy', { strategy: 'none' as 'vanilla' }],
  ])('refuses a wrong %s by name and goes on', async (param, change) => {
    await expect(engine.submit({ ...usual, ...change })).rejects.toMatchObject({ code: 'invalid_request', param });
    await expect(engine.submit(usual)).resolves.toMatchObject({ fullSteps: 3 });
  });

  it('takes any prompt, of any length', async () => {
    const prompts = ['', '\u0000', 'bird '.repeat(20_000), '漢字 🙂'];
    const made = await Promise.all(prompts.map((prompt) => engine.submit({ ...usual, prompt })));
    expect(made[1]!.pixels).toEqual(made[0]!.pixels);
  });

  it('turns tokens into vectors, each the same alone and among others', async () => {
    const pictures = [0, 1, 2].map((token) => new Int32Array(16).fill(token));
    const vectors = await engine.embed(pictures);
    expect(vectors.map(({ length }) => length)).toEqual([48, 48, 48]);
    expect(await engine.embed([pictures[1]!])).toEqual([vectors[1]]);
    expect(await engine.embed([])).toEqual([]);
    await expect(engine.embed([new Int32Array(3)])).rejects.toMatchObject({ code: 'invalid_request', param: 'tokens' });
  });
});

describe('an engine that ends', () => {
  it('by close rejects what is pending and what comes later, and says so twice without harm', async () => {
    const engine = await open();
    const pending = engine.submit(usual);
    const closing = engine.close();
    await expect(pending).rejects.toMatchObject({ code: 'engine_failed', message: 'the engine was closed' });
    await closing;
    await expect(engine.submit(usual)).rejects.toMatchObject({ code: 'engine_failed' });
    await engine.close();
  });
});

describe('an engine that cannot open', () => {
  it('names the altered file', async () => {
    await using copy = await BundleCopy.make();
    await copy.write('full.onnx', 'gone');
    await expect(open({ bundleDir: copy.dir })).rejects.toMatchObject({ code: 'bundle_invalid', param: 'full.onnx' });
  });

  it('names the graph whose signature disagrees', async () => {
    await using copy = await BundleCopy.make();
    await copy.replace('decode.onnx', await copy.read('embed.onnx'));
    await expect(open({ bundleDir: copy.dir })).rejects.toMatchObject({
      code: 'bundle_invalid',
      message: expect.stringMatching(/^decode\.onnx disagrees with the manifest: .*its output pixels is missing/) as string,
    });
  });

  it.each([['ENGINE_THREADS', { threads: 0 }], ['ENGINE_CAPACITY', { capacity: 1.5 }]])('names %s when it is no count', async (param, change) => {
    await expect(open(change)).rejects.toMatchObject({ code: 'configuration_invalid', param });
  });

  it('says so when the provider is not to be had', async () => {
    await expect(open({ executionProvider: 'cuda' })).rejects.toMatchObject({
      code: 'configuration_invalid',
      param: 'EXECUTION_PROVIDER',
      message: expect.stringMatching(/^execution provider cuda cannot open full\.onnx.*; use cpu/) as string,
    });
  });
});

describe('an engine with scorers beside it', () => {
  it('scores its pictures, whatever else it makes, and says what the scorers are', async () => {
    const engine = await open({ scorerDirs: [TINY_CLASSIFIER, TINY_TEXT] });
    try {
      const made = await engine.submit(usual);
      const [first] = await Promise.all([engine.score({ ...made, prompt: usual.prompt }), engine.submit({ ...usual, seed: 9 })]);
      expect(first!.map(({ scorer }) => scorer)).toEqual(engine.scorers.map(({ name }) => name));
      expect(first!.every(({ value }) => value >= -100 && value <= 100)).toBe(true);
      expect(first!.map(({ features }) => features.length)).toEqual(engine.scorers.map(({ space }) => space.channels));
      expect(await engine.score({ ...made, prompt: usual.prompt })).toEqual(first);
      expect(engine.scorers[0]!.reference!.count).toBeGreaterThan(1);
    } finally {
      await engine.close();
    }
  });

  it('refuses one that judges another size, naming it', async () => {
    await expect(open({ scorerDirs: [EMOJI_CLASSIFIER] })).rejects.toMatchObject({ code: 'configuration_invalid', param: 'SCORERS', message: expect.stringContaining('judges pictures of 64x64, tiny makes 32x32') as string });
  });
});
