import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { expect, it } from 'vitest';
import type { PictureMaker } from './outcome.js';
import type { Payload } from './shard-store.js';
import { makeDataset } from './testing/make-dataset.js';
import { MemoryStore } from './testing/memory-store.js';

/** Forgets the tars, which a disk would hold. */
class TarlessStore extends MemoryStore {
  tarBytes = 0;

  override async put(key: string, payload: Payload, options?: { ifAbsent?: boolean }): Promise<'stored' | 'present'> {
    if (!key.endsWith('.tar')) return super.put(key, payload, options);
    if (payload instanceof Uint8Array) this.tarBytes += payload.byteLength;
    else for await (const piece of payload.open()) this.tarBytes += piece.byteLength;
    return 'stored';
  }
}

/** Makes pictures of so many bytes. */
function maker(bytes: number): PictureMaker {
  const pixels = randomBytes(4 * 32 * 32);
  return async () => ({ pixels, width: 32, height: 32, file: randomBytes(bytes), fullSteps: 1, shortcutSteps: 0, partialSteps: 0 });
}

const one = { prompts: ['cat'], filters: { exactDuplicates: false } };

it('a data set is made in the memory of a few of its shards, however many it has', async () => {
  const store = new TarlessStore();
  const sizes: number[] = [];
  await makeDataset({ ...one, picturesPerPrompt: 10_000, shardSize: 100 }, { store, make: maker(50_000), onShard: () => void sizes.push(process.memoryUsage.rss()) });
  expect(sizes).toHaveLength(100);
  expect(store.tarBytes).toBeGreaterThan(500e6);
  const [early, late] = [Math.max(...sizes.slice(0, 20)), Math.max(...sizes.slice(20))];
  expect(late - early).toBeLessThan(100e6); // another 400 MB of pictures were made
}, 120_000);

it('a shard of any size is made in the same memory', async () => {
  const store = new TarlessStore();
  const before = process.resourceUsage().maxRSS;
  await makeDataset({ ...one, picturesPerPrompt: 2_400, shardSize: 1_200 }, { store, make: maker(400_000) });
  expect(store.tarBytes).toBeGreaterThan(960e6);
  expect(process.resourceUsage().maxRSS - before).toBeLessThan(400_000); // kilobytes, of 960,000 that were made
}, 120_000);

it('what does not fit into memory is the same data set, and leaves nothing behind', async () => {
  const wanted = { ...one, prompts: ['cat', 'dog', ''], picturesPerPrompt: 5, shardSize: 5 };
  const [inMemory, spilled] = [await makeDataset(wanted), await makeDataset(wanted, { spill: { memoryBytes: 60 } })];
  const hex = ({ files }: MemoryStore) => [...files].map(([key, bytes]) => [key, Buffer.from(bytes).toString('hex')]);
  expect(hex(spilled.store)).toEqual(hex(inMemory.store));
  expect((await readdir(tmpdir())).filter((name) => /^slipstream-[0-9a-f-]{36}$/.test(name))).toEqual([]);
  const again = await makeDataset(wanted, { store: spilled.store, spill: { memoryBytes: 0 } });
  expect(again.summary).toEqual(inMemory.summary);
});
