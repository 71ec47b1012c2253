import { beforeEach, describe, expect, it } from 'vitest';
import { SlipstreamError, type Checkpoint, type GenerationJob } from '@slipstream/contracts';
import { openWorkerMetrics } from '@slipstream/metrics';
import { readPngText } from '@slipstream/pictures';
import type { JobContext } from '@slipstream/queue';
import type { SampleRequest, SampleResult, SubmitOptions } from '@slipstream/runtime';
import { MemoryObjectStore } from '@slipstream/storage/testing';
import { generate, type GenerateParts } from './generate.js';
import { StoredResults } from './stored-results.js';

const job: GenerationJob = {
  id: 'gen-1', requestId: 'r', createdAtMs: 0, tenant: 'default', lane: 'interactive',
  settings: { model: 'tiny', prompt: 'apple', n: 3, seed: 40, strategy: 'shortcut', steps: 8, budget: 3, knobs: { placement: 'steps' }, guidance: 2, temperature: 1, outputFormat: 'png', outputCompression: 100, background: 'transparent' },
};

function sampled({ seed }: SampleRequest): SampleResult {
  return {
    pixels: new Uint8Array(2 * 2 * 4).fill(seed), width: 2, height: 2, promptIds: new Int32Array(4), tokens: new Int32Array(16), revealedAt: new Int32Array(16), stepMap: 'FssFsFss', fullSteps: 3, shortcutSteps: 5, partialSteps: 0, remembered: seed - 40,
    seconds: { waiting: seed - 40, engine: 10 }, speedup: { value: seed - 38, baseline: 'vanilla, in words', measured: true },
  };
}

const stepMap = 'FFF';
const at = (step: number): Checkpoint => ({ step, tokens: [], stepMap: 'F'.repeat(step) });

describe('generate', () => {
  let store: MemoryObjectStore;
  let left: number;
  let progress: [index: number, step: number, checkpoint?: Checkpoint][];
  let submits: { request: SampleRequest; options: SubmitOptions }[];
  beforeEach(() => ([store, progress, submits, left] = [new MemoryObjectStore(), [], [], 0]));

  const context = (given: Partial<JobContext> = {}): JobContext => ({
    signal: new AbortController().signal, leaving: new AbortController().signal, queuedSeconds: 2, checkpoints: [], leaveCompany: () => void (left += 1),
    progress: (index, { step, checkpoint }) => void progress.push(checkpoint ? [index, step, checkpoint] : [index, step]), preview: async () => {}, ...given,
  });
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
      bundle: 'd1', seed: 40, strategy: 'shortcut', steps: 8, step_map: 'FssFsFss', full_steps: 3, shortcut_steps: 5, partial_steps: 0, cache: { anchors: 3, result: 'miss' },
      seconds: { queued: 2, engine: 12 }, speedup: { value: 3, baseline: 'vanilla, in words', measured: true },
    });
  });

  it('tells how far each picture is and where it can go on, and goes on from where it was left', async () => {
    const [before, next] = [at(3), at(6)];
    await generate(job, context({ checkpoints: [null, before] }), parts(async (request, { onStep }) => {
      onStep!({ step: 6, steps: 8, stepMap, checkpoint: next });
      return sampled(request);
    }));
    expect(submits.map(({ options }) => options.from)).toEqual([undefined, before, undefined]);
    expect(progress).toEqual([0, 1, 2].map((index) => [index, 6, next]));
  });

  describe('that has to leave', () => {
    const reason = new Error('handed back');
    /** A row that makes steps as told until it is stopped, or has made all. */
    const row = (request: SampleRequest, { signal, onStep }: SubmitOptions, left: readonly (Checkpoint | undefined)[]): Promise<SampleResult> => {
      for (const [done, checkpoint] of left.entries()) {
        if (signal!.aborted) return Promise.reject(signal!.reason);
        onStep!({ step: done + 1, steps: 8, stepMap, checkpoint });
      }
      return signal!.aborted ? Promise.reject(signal!.reason) : Promise.resolve(sampled(request));
    };

    it('stops each picture at its next checkpoint, and finishes those that have none in front of them', async () => {
      const leaving = new AbortController();
      leaving.signal.addEventListener('abort', () => {});
      const left = { 40: [undefined, at(2), undefined], 41: [undefined, undefined, undefined], 42: [at(1), at(2)] } as Record<number, (Checkpoint | undefined)[]>;
      const making = generate(job, context({ leaving: leaving.signal }), parts((request, options) => {
        options.onStep!({ step: 0, steps: 8, stepMap });
        if (request.seed === 42) leaving.abort(reason);
        return Promise.resolve().then(() => row(request, options, left[request.seed]!));
      }));
      await expect(making).rejects.toBe(reason);
      expect(progress.filter(([, , checkpoint]) => checkpoint)).toEqual([[0, 2, at(2)], [2, 1, at(1)]]);
      expect([...store.objects.keys()]).toEqual(['pictures/gen-1/1.png']);
    });

    it('stops at once the pictures that have not begun', async () => {
      const leaving = new AbortController();
      const making = generate(job, context({ leaving: leaving.signal }), parts((_request, { signal }) => new Promise((_resolve, reject) => signal!.addEventListener('abort', () => reject(signal!.reason)))));
      leaving.abort(reason);
      await expect(making).rejects.toBe(reason);
    });

    it('passes the checkpoint that it came from', async () => {
      const leaving = new AbortController();
      const making = generate({ ...job, settings: { ...job.settings, n: 1 } }, context({ leaving: leaving.signal, checkpoints: [at(3)] }), parts(async (request, options) => {
        options.onStep!({ step: 4, steps: 8, stepMap, checkpoint: at(3) });
        leaving.abort(reason);
        return row(request, options, [undefined]);
      }));
      expect((await making).pictures).toHaveLength(1);
    });
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

  it('needs no company any more once its last picture is out of the engine, stored or not', async () => {
    store.fault = new SlipstreamError('storage_full', 'no space left');
    const seen: number[] = [];
    await expect(generate(job, context(), parts(async (request) => (seen.push(left), sampled(request))))).rejects.toMatchObject({ code: 'storage_full' });
    expect([seen, left]).toEqual([[0, 0, 0], 1]);
  });

  it('fails with the store’s reason', async () => {
    store.fault = new SlipstreamError('storage_full', 'no space left');
    await expect(generate(job, context(), parts(async (request) => sampled(request)))).rejects.toMatchObject({ code: 'storage_full' });
  });

  it('copies what was made before under keys of its own, tells so, and leaves the engine alone', async () => {
    const heard: number[] = [];
    const make = { ...parts(async (request) => sampled(request)), results: new StoredResults(store, 'd1'), onPicture: ({ index }: { index: number }) => void heard.push(index) };
    const first = await generate(job, context(), make);
    const again = await generate({ ...job, id: 'gen-2' }, context(), make);
    expect([submits.length, heard]).toEqual([3, [0, 1, 2]]);
    expect(again.pictures.map(({ key }) => key)).toEqual([0, 1, 2].map((i) => `pictures/gen-2/${i}.png`));
    for (const i of [0, 1, 2]) expect([...store.objects.get(`pictures/gen-2/${i}.png`)!]).toEqual([...store.objects.get(`pictures/gen-1/${i}.png`)!]);
    expect(again.provenance).toEqual({ ...first.provenance, cache: { anchors: 0, result: 'hit' }, seconds: { queued: 2, engine: 0 } });
  });

  it('makes those of its pictures that were not made before', async () => {
    const make = { ...parts(async (request) => sampled(request)), results: new StoredResults(store, 'd1') };
    await generate({ ...job, settings: { ...job.settings, n: 1, seed: 41 } }, context(), make);
    const { provenance, pictures } = await generate({ ...job, id: 'gen-2' }, context(), make);
    expect(submits.map(({ request }) => request.seed)).toEqual([41, 40, 42]);
    expect(pictures.map(({ seed }) => seed)).toEqual([40, 41, 42]);
    expect(provenance).toMatchObject({ cache: { anchors: 2, result: 'miss' }, seconds: { queued: 2, engine: 12 } });
  });

  it('does not look for what nobody can have made', async () => {
    const make = { ...parts(async (request) => sampled(request)), results: new StoredResults(store, 'd1') };
    await generate(job, context(), make);
    await generate({ ...job, id: 'gen-2', settings: { ...job.settings, seedDrawn: true } }, context(), make);
    expect(submits).toHaveLength(6);
  });

  it('makes again what is gone, and what is wanted without a cache', async () => {
    const make = { ...parts(async (request) => sampled(request)), results: new StoredResults(store, 'd1') };
    const one = { ...job, settings: { ...job.settings, n: 1 } };
    await generate(one, context(), make);
    const off = await generate({ ...one, id: 'gen-2', settings: { ...one.settings, cache: 'off' } }, context(), make);
    expect([off.provenance.cache.result, submits.at(-1)!.request.cache]).toEqual(['off', 'off']);
    await store.delete('pictures/gen-1/0.png');
    expect((await generate({ ...one, id: 'gen-3' }, context(), make)).provenance.cache.result).toBe('miss');
    expect((await generate({ ...one, id: 'gen-4' }, context(), make)).provenance.cache.result).toBe('hit');
    expect(submits).toHaveLength(3);
  });

  it('refuses a job of another bundle before any work', async () => {
    const foreign = { ...job, settings: { ...job.settings, model: 'other' } };
    await expect(generate(foreign, context(), parts(async (request) => sampled(request)))).rejects.toMatchObject({ code: 'model_not_found', retryable: false });
    expect(submits).toEqual([]);
  });
});
