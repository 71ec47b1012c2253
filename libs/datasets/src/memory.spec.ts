import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import type { PictureMaker } from './outcome.js';
import { makeDataset } from './testing/make-dataset.js';
import { MemoryStore } from './testing/memory-store.js';

/** Forgets the tars, which a disk would hold. */
class TarlessStore extends MemoryStore {
  tarBytes = 0;

  override async put(key: string, bytes: Uint8Array, options?: { ifAbsent?: boolean }): Promise<'stored' | 'present'> {
    if (!key.endsWith('.tar')) return super.put(key, new Uint8Array(bytes), options);
    this.tarBytes += bytes.byteLength;
    return 'stored';
  }
}

it('a data set is made in the memory of a few of its shards, however many it has', async () => {
  const pixels = randomBytes(4 * 32 * 32);
  const make: PictureMaker = async () => ({ pixels, width: 32, height: 32, file: randomBytes(50_000), fullSteps: 1, shortcutSteps: 0, partialSteps: 0 });
  const store = new TarlessStore();
  const sizes: number[] = [];
  await makeDataset({ prompts: ['cat'], picturesPerPrompt: 10_000, shardSize: 100, filters: { exactDuplicates: false } }, { store, make, onShard: () => void sizes.push(process.memoryUsage.rss()) });
  expect(sizes).toHaveLength(100);
  expect(store.tarBytes).toBeGreaterThan(500e6);
  const [early, late] = [Math.max(...sizes.slice(0, 20)), Math.max(...sizes.slice(20))];
  expect(late - early).toBeLessThan(100e6); // another 400 MB of pictures were made
}, 120_000);
