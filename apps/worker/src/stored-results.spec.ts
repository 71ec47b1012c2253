import { beforeEach, describe, expect, it } from 'vitest';
import type { GenerationSettings } from '@slipstream/contracts';
import { MemoryObjectStore } from '@slipstream/storage/testing';
import { StoredResults } from './stored-results.js';

const settings: GenerationSettings = {
  model: 'tiny', prompt: 'apple', n: 1, seed: 7, strategy: 'shortcut', steps: 8, budget: 3, knobs: { placement: 'steps' }, guidance: 2, temperature: 1,
  outputFormat: 'png', outputCompression: 100, background: 'transparent',
};
const of = { settings, seed: 7 };
const key = 'pictures/gen-1/0.png';
const bytes = Uint8Array.of(1, 2, 3);
const made = { stepMap: 'FssFsFss', speedup: { value: 2, baseline: 'vanilla', measured: true } };
const signal = new AbortController().signal;

describe('stored results', () => {
  let store: MemoryObjectStore;
  let results: StoredResults;
  beforeEach(async () => {
    store = new MemoryObjectStore();
    results = new StoredResults(store, 'd1');
    await store.put(key, bytes, { contentType: 'image/png' });
    await results.note(of, { key, bytes, made });
  });
  const noteKey = (): string => [...store.objects.keys()].find((name) => name.startsWith('results/'))!;

  it('are found by whoever wants the same picture', async () => {
    expect(await new StoredResults(store, 'd1').find({ settings: { ...settings, n: 4, seed: 5 }, seed: 7 }, signal)).toEqual({ bytes: Buffer.from(bytes), made });
  });

  it('are not found for another picture or another bundle', async () => {
    expect(await results.find({ settings, seed: 8 }, signal)).toBeUndefined();
    expect(await new StoredResults(store, 'd2').find(of, signal)).toBeUndefined();
  });

  it.each<[string, () => unknown]>([
    ['whose picture was deleted', () => store.delete(key)],
    ['whose picture is another by now', () => store.put(key, Uint8Array.of(9), { contentType: 'image/png' })],
    ['whose note is no JSON', () => store.put(noteKey(), bytes, { contentType: 'application/json' })],
    ['whose note is of another kind', () => store.put(noteKey(), new TextEncoder().encode('{"picture":7}'), { contentType: 'application/json' })],
    ['in a store that fails', () => (store.fault = new Error('away'))],
  ])('%s are a miss', async (_, spoil) => {
    await spoil();
    expect(await results.find(of, signal)).toBeUndefined();
  });

  it('do not outlive a cancelled job', async () => {
    store.fault = new Error('away');
    await expect(results.find(of, AbortSignal.abort('cancelled'))).rejects.toBe('cancelled');
  });

  it('that cannot be noted fail nobody', async () => {
    store.fault = new Error('full');
    await expect(results.note(of, { key, bytes, made })).resolves.toBeUndefined();
  });
});
