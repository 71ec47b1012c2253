import { describe, expect, it } from 'vitest';
import { layOut, readPlan } from './lay-out.js';
import { removeDataset } from './remove-dataset.js';
import { MemoryStore } from './testing/memory-store.js';
import { makeDataset, planOfTest } from './testing/make-dataset.js';

const wanted = { prompts: Array.from({ length: 50 }, (_, i) => `cat ${i}`), picturesPerPrompt: 2, shardSize: 4, filters: { exactDuplicates: true } };

describe('to remove a data set', () => {
  it('leaves nothing of one that is finished, and nothing else out', async () => {
    const { plan, store } = await makeDataset(wanted);
    store.files.set('another.json', new Uint8Array());
    await removeDataset(plan, { store });
    expect([...store.files.keys()]).toEqual(['another.json']);
  });

  it('leaves nothing of one of which no shard was made', async () => {
    const { plan, source } = await planOfTest(wanted);
    const store = new MemoryStore();
    await layOut(plan, source, { store });
    await removeDataset(plan, { store });
    expect(store.files.size).toBe(0);
  });

  it('is to be done again where the store failed in between: the plan is there still', async () => {
    const { plan, store } = await makeDataset(wanted);
    let deletions = 0;
    const failing = { delete: async (key: string) => ((deletions += 1) > 20 ? Promise.reject(new Error('away')) : store.delete(key)) };
    await expect(removeDataset(plan, { store: failing })).rejects.toThrow('away');
    expect(await readPlan(store)).toEqual(plan);
    await removeDataset(plan, { store });
    expect(store.files.size).toBe(0);
  });
});
