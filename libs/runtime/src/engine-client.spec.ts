import { describe, expect, it } from 'vitest';
import type { Checkpoint } from '@slipstream/contracts';
import type { SampleRequest } from './engine.js';
import type { FromThread } from './protocol.js';
import { PairedEngine } from './testing/paired-engine.js';

const usual: SampleRequest = { prompt: 'a', seed: 1, strategy: 'shortcut', steps: 6, budget: 2, guidance: 2, temperature: 1 };
/** A run long enough for its step to be told before the picture is done. */
const takesMs = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('both sides of the engine thread', () => {
  it('let pictures that are submitted together share their runs from the first step on', async () => {
    const { client, runner } = new PairedEngine();
    await Promise.all([1, 2, 3].map((seed) => client.submit({ ...usual, seed })));
    expect(runner.plans.map(({ kind, rows }) => `${kind[0]}${rows.length}`).join(' ')).toBe('f3 s3 s3 f3 s3 s3 d3');
  });

  it('count rows in use and rows that wait', async () => {
    const { client } = new PairedEngine(undefined, 2);
    const work = [1, 2, 3].map((seed) => client.submit({ ...usual, seed }));
    expect(client.stats()).toMatchObject({ capacity: 2, rowsInUse: 2, waiting: 1, outsideOnnxShare: 0, rowSeconds: { full: 0 } });
    await Promise.all(work);
    expect(client.stats()).toMatchObject({ rowsInUse: 0, waiting: 0 });
    expect(client.stats().rowSeconds.full).toBeCloseTo(0.016);
    expect(client.stats().rowSeconds.shortcut).toBeCloseTo(0.001);
  });

  it('tell each picture its own steps, in order, and none after it is made', async () => {
    const { client } = new PairedEngine();
    const steps: Record<string, string[]> = { 4: [], 6: [] };
    const submit = (count: number): Promise<unknown> =>
      client.submit({ ...usual, steps: count }, { onStep: ({ step, steps: all }) => steps[count]!.push(`${step}/${all}`) });
    await Promise.all([submit(4), submit(6)]);
    expect(steps[4]).toEqual(['1/4', '2/4', '3/4', '4/4']);
    expect(steps[6]).toEqual(['1/6', '2/6', '3/6', '4/6', '5/6', '6/6']);
  });

  it('say nothing of steps that nobody wants to know, though others share their runs', async () => {
    const engine = new PairedEngine();
    const told: number[] = [];
    engine.on('message', (messages: FromThread[]) => told.push(...messages.flatMap((message) => (message.type === 'step' ? [message.ids.length] : []))));
    await Promise.all([engine.client.submit(usual), engine.client.submit({ ...usual, seed: 2 })]);
    expect(told).toEqual([]);
    const steps: number[] = [];
    await Promise.all([engine.client.submit(usual), engine.client.submit({ ...usual, seed: 2 }, { onStep: ({ step }) => steps.push(step) }), engine.client.submit({ ...usual, seed: 3 })]);
    expect(steps).toEqual([1, 2, 3, 4, 5, 6]);
    expect(told).toEqual([1, 1, 1, 1, 1, 1]);
  });

  it('tell each checkpoint once, with the step that it was left at, and go on from it to the same picture', async () => {
    const { client } = new PairedEngine();
    const left: Checkpoint[] = [];
    const request = { ...usual, steps: 8, budget: 4 };
    const whole = await client.submit(request, { onStep: ({ checkpoint }) => checkpoint && left.push(checkpoint) });
    expect(left.map(({ step }) => step)).toEqual([2, 4, 6]);
    const steps: number[] = [];
    const rest = await client.submit(request, { from: left[1], onStep: ({ step }) => steps.push(step) });
    expect(steps).toEqual([5, 6, 7, 8]);
    expect([...rest.pixels]).toEqual([...whole.pixels]);
    expect([rest.fullSteps, rest.shortcutSteps]).toEqual([whole.fullSteps, whole.shortcutSteps]);
    expect(rest.speedup.value).toBeCloseTo((4 * 0.016 + 0.004) / (2 * 0.016 + 2 * 0.001 + 0.004));
  });

  it('say how much faster a picture was made than with every step full', async () => {
    const { client } = new PairedEngine();
    const [fast, slow] = await Promise.all([client.submit(usual), client.submit({ ...usual, strategy: 'vanilla' })]);
    expect(fast.speedup.value).toBeCloseTo((6 * 0.016 + 0.004) / (2 * 0.016 + 4 * 0.001 + 0.004));
    expect(slow.speedup.value).toBeCloseTo(1);
    expect([fast.fullSteps, fast.shortcutSteps, slow.fullSteps, slow.shortcutSteps]).toEqual([2, 4, 6, 0]);
  });

  it('reject an aborted picture with its reason, once its row is free, and nobody else', async () => {
    const controller = new AbortController();
    const { client } = new PairedEngine(() => takesMs(5), 1);
    const stopped = client.submit({ ...usual, steps: 16, budget: 16 }, { signal: controller.signal, onStep: () => controller.abort('enough') });
    const next = client.submit(usual);
    await expect(stopped).rejects.toBe('enough');
    await expect(next).resolves.toMatchObject({ fullSteps: 2 });
  });

  it('tell listeners of runs until they stop listening', async () => {
    const { client } = new PairedEngine();
    const heard: string[] = [];
    const stop = client.on(({ kind }) => heard.push(kind));
    await client.submit({ ...usual, steps: 2, budget: 1 });
    stop();
    await client.submit(usual);
    expect(heard).toEqual(['full', 'shortcut', 'decode']);
  });
});

describe('an engine whose run crashes', () => {
  const crashed = { code: 'engine_failed', message: 'the shortcut run of 2 rows, branches 2, masked 16, places 2 crashed: no memory' };

  it('rejects every pending submit, those that wait too, and every later one, naming the run', async () => {
    const pair = new PairedEngine(({ kind }) => {
      if (kind === 'shortcut') throw new Error('no memory');
    }, 2);
    const settled = await Promise.allSettled([1, 2, 3].map((seed) => pair.client.submit({ ...usual, seed })));
    for (const outcome of settled) expect(outcome).toMatchObject({ status: 'rejected', reason: crashed });
    await expect(pair.client.submit(usual)).rejects.toMatchObject(crashed);
    await expect(pair.client.embed([new Int32Array(16)])).rejects.toMatchObject(crashed);
  });

  it('says that it died and ends its thread', async () => {
    const pair = new PairedEngine(() => Promise.reject(new Error('boom')));
    void pair.client.submit(usual).catch(() => undefined);
    expect(await pair.client.died).toMatchObject({ code: 'engine_failed', message: 'the full run of 1 row, branches 2, masked 16 crashed: boom' });
    await pair.client.close();
    expect(pair.closings).toBe(1);
  });
});

describe('an engine whose thread is suddenly gone', () => {
  it.each(['error', 'exit'])('(%s) names the run that it was in', async (event) => {
    const pair: PairedEngine = new PairedEngine(async ({ kind }) => {
      if (kind === 'shortcut') await new Promise(() => pair.emit(event, new Error('heap')));
    });
    const settled = await Promise.allSettled([pair.client.submit(usual), pair.client.submit({ ...usual, seed: 2 })]);
    for (const outcome of settled) {
      const reason = { code: 'engine_failed', message: 'the engine thread ended during the shortcut run of 2 rows, branches 2, masked 16, places 2; start the process again' };
      expect(outcome).toMatchObject({ status: 'rejected', reason });
    }
    expect(await pair.client.died).toMatchObject({ code: 'engine_failed' });
  });

  it('between runs says so', async () => {
    const pair = new PairedEngine();
    await pair.client.submit(usual);
    pair.emit('exit', 1);
    await expect(pair.client.submit(usual)).rejects.toThrow('the engine thread ended between runs');
  });

  it('on close ends after the run it is in, and its pictures learn of it at once', async () => {
    let runs = 0;
    const pair = new PairedEngine(async () => {
      await takesMs(5);
      runs += 1;
    });
    const pending = pair.client.submit({ ...usual, steps: 16, budget: 16 });
    await takesMs(20);
    const closing = pair.client.close();
    await expect(pending).rejects.toMatchObject({ code: 'engine_failed', message: 'the engine was closed' });
    await closing;
    expect(runs).toBeLessThan(16);
    expect(pair.closings).toBe(1);
  });

  it('after close is no death', async () => {
    const pair = new PairedEngine();
    let died = false;
    void pair.client.died.then(() => (died = true));
    await pair.client.close();
    pair.emit('exit', 1);
    await turn();
    expect(died).toBe(false);
  });
});
