import { beforeEach, describe, expect, it } from 'vitest';
import { SlipstreamError, type GenerationJob } from '@slipstream/contracts';
import { openWorkerMetrics } from '@slipstream/metrics';
import { readPngText } from '@slipstream/pictures';
import type { SampleRequest, SampleResult, SubmitOptions } from '@slipstream/runtime';
import { MemoryObjectStore } from '@slipstream/storage/testing';
import { generate, type GenerateParts } from './generate.js';

const job: GenerationJob = {
  id: 'gen-1', requestId: 'r', createdAtMs: 0, tenant: 'default', lane: 'interactive',
  settings: { model: 'tiny', prompt: 'apple', n: 3, seed: 40, strategy: 'shortcut', steps: 8, budget: 3, knobs: { placement: 'steps' }, guidance: 2, temperature: 1, outputFormat: 'png', outputCompression: 100, background: 'transparent' },
};

function sampled({ seed }: SampleRequest): SampleResult {
  return {
    pixels: new Uint8Array(2 * 2 * 4).fill(seed), width: 2, height: 2, tokens: new Int32Array(16), fullSteps: 3, shortcutSteps: 5, partialSteps: 0, remembered: seed - 40,
    seconds: { waiting: seed - 40, engine: 10 }, speedup: { value: seed - 38, baseline: 'vanilla, in words', measured: true },
  };
}

describe('generate', () => {
  let store: MemoryObjectStore;
  let steps: number[];
  let submits: { request: SampleRequest; options: SubmitOptions }[];
  beforeEach(() => ([store, steps, submits] = [new MemoryObjectStore(), [], []]));

  const context = (signal = new AbortController().signal) => ({ signal, queuedSeconds: 2, progress: (step: number) => void steps.push(step) });
  const parts = (make: (request: SampleRequest, options: SubmitOptions) => Promise<SampleResult>): GenerateParts => ({
    store,
    metrics: openWorkerMetrics({ engine: () => undefined }),
    engine: {
      digest: 'd1', manifest: { name: 'tiny' } as GenerateParts['engine']['manifest'],
      submit: (request, options = {}) => (submits.push({ request, options }), make(request, options)),
    },
  });

  it('makes n pictures of n seeds and stores them under keys of the job alone', async () => {
    const result = await generate(job, context(), parts(async (request) => sampled(request)));
    expect(submits.map(({ request }) => request.seed)).toEqual([40, 41, 42]);
    expect(submits[0]!.request).toMatchObject({ strategy: 'shortcut', steps: 8, budget: 3, knobs: { placement: 'steps' } });
    expect(result.pictures.map(({ key, seed, contentType }) => [key, seed, contentType])).toEqual([0, 1, 2].map((i) => [`pictures/gen-1/${i}.png`, 40 + i, 'image/png']));
    for (const { key, bytes } of result.pictures) expect(store.objects.get(key)?.byteLength).toBe(bytes);
    expect(readPngText(store.objects.get('pictures/gen-1/2.png')!)).toMatchObject({ bundle: 'd1', seed: 42, full_steps: 3 });
  });

  it('writes the same bytes when it runs again, whatever the clocks said', async () => {
    await generate(job, context(), parts(async (request) => sampled(request)));
    const first = new Map(store.objects);
    await generate(job, { ...context(), queuedSeconds: 99 }, parts(async (request) => ({ ...sampled(request), seconds: { waiting: 7, engine: 70 }, speedup: { value: 1.1, baseline: 'other', measured: false } })));
    expect(store.objects).toEqual(first);
  });

  it('tells the truth about several pictures: waiting to the first row, work to the last pixel, mean speed-up', async () => {
    const { provenance } = await generate(job, context(), parts(async (request) => sampled(request)));
    expect(provenance).toEqual({
      bundle: 'd1', seed: 40, strategy: 'shortcut', steps: 8, full_steps: 3, shortcut_steps: 5, partial_steps: 0, cache: { anchors: 3, result: 'hit' },
      seconds: { queued: 2, engine: 12 }, speedup: { value: 3, baseline: 'vanilla, in words', measured: true },
    });
  });

  it('shows the step of the slowest picture', async () => {
    await generate(job, context(), parts(async (request, { onStep }) => {
      onStep!({ step: 1, steps: 8 });
      if (request.seed !== 42) onStep!({ step: 2, steps: 8 });
      return sampled(request);
    }));
    expect(steps.at(-1)).toBe(1);
    expect(steps[0]).toBe(0);
  });

  it('stops the other pictures when one fails, and fails with its reason', async () => {
    const fault = new SlipstreamError('engine_failed', 'boom');
    const stopped: number[] = [];
    const making = generate(job, context(), parts((request, { signal }) => request.seed === 41
      ? Promise.reject(fault)
      : new Promise((_resolve, reject) => signal!.addEventListener('abort', () => (stopped.push(request.seed), reject(signal!.reason))))));
    await expect(making).rejects.toBe(fault);
    expect(stopped).toEqual([40, 42]);
    expect(store.objects.size).toBe(0);
  });

  it('fails with the store’s reason', async () => {
    store.fault = new SlipstreamError('storage_full', 'no space left');
    await expect(generate(job, context(), parts(async (request) => sampled(request)))).rejects.toMatchObject({ code: 'storage_full' });
  });

  it('refuses a job of another bundle before any work', async () => {
    const foreign = { ...job, settings: { ...job.settings, model: 'other' } };
    await expect(generate(foreign, context(), parts(async (request) => sampled(request)))).rejects.toMatchObject({ code: 'model_not_found', retryable: false });
    expect(submits).toEqual([]);
  });
});
