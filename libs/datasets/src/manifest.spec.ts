import { describe, expect, it } from 'vitest';
import { finishDataset } from './finish-dataset.js';
import { listedShards, readSummary } from './manifest.js';
import { faultsOf, makeDataset } from './testing/make-dataset.js';
import { MemoryStore } from './testing/memory-store.js';

const large = { prompts: Array.from({ length: 400 }, (_, i) => `cat ${i}`), shardSize: 1, filters: { exactDuplicates: true } };

/** Tells what of the manifest lies between its reader or writer and the store. */
class WatchedStore extends MemoryStore {
  /** Shards whose statistics were read, less those handed over as a part of the manifest: how many are in memory. */
  mostHeld = 0;
  /** Bytes of the manifest that were read when the first table was. */
  readAhead = 0;
  #read = 0;
  #manifestRead = 0;
  #tableRead = false;

  override async get(key: string): Promise<{ bytes: Uint8Array } | undefined> {
    if (key.endsWith('_stats.json')) this.#read += 1;
    if (key.endsWith('.parquet') && !this.#tableRead) [this.#tableRead, this.readAhead] = [true, this.#manifestRead];
    return super.get(key);
  }

  override async write(key: string, source: AsyncIterable<Uint8Array>): Promise<number> {
    return super.write(key, key === 'manifest.json' ? this.#watched(source) : source);
  }

  override async slice(key: string, range: { from: number; bytes: number }): Promise<Uint8Array | undefined> {
    const bytes = await super.slice(key, range);
    if (key === 'manifest.json') this.#manifestRead += bytes?.byteLength ?? 0;
    return bytes;
  }

  async* #watched(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    this.#read = 0;
    let pieces = 0;
    for await (const piece of source) {
      this.mostHeld = Math.max(this.mostHeld, this.#read - (pieces += 1));
      yield piece;
    }
  }
}

describe('a manifest', () => {
  it('is written while the statistics of its shards are read, and read while its shards are verified: never whole in memory', async () => {
    const store = new WatchedStore();
    const { summary } = await makeDataset(large, { store });
    expect(store.mostHeld).toBeLessThanOrEqual(1);
    const { byteLength } = store.files.get('manifest.json')!;
    expect(byteLength).toBeGreaterThan(150_000);
    const watched = new WatchedStore();
    for (const [key, bytes] of store.files) watched.files.set(key, bytes);
    expect(await faultsOf(watched)).toEqual([]);
    expect(watched.readAhead - byteLength).toBeLessThan(100_000); // once whole for what it says beside its shards
    expect(summary).toMatchObject({ shards: 400, counts: { count: 400 } });
  }, 60_000);

  it('is what JSON.stringify makes of all of it, and says the same when it is read', async () => {
    const { store, summary } = await makeDataset({ ...large, prompts: ['cat', 'dog', 'cat'] });
    const text = Buffer.from(store.files.get('manifest.json')!).toString();
    const whole = JSON.parse(text);
    expect(text).toBe(`${JSON.stringify(whole, null, 2)}\n`);
    expect(Object.keys(whole)).toEqual(['format', 'version', 'plan', 'counts', 'shards', 'duplicates']);
    expect(whole.shards).toHaveLength(3);
    expect(await readSummary(store)).toEqual(summary);
    const listed = [];
    for await (const shard of listedShards(store)) listed.push(shard);
    expect(listed).toEqual(whole.shards);
  });

  it('that is written otherwise is read all the same', async () => {
    const { store, summary } = await makeDataset({ ...large, prompts: ['cat'] });
    const { shards, ...head } = JSON.parse(Buffer.from(store.files.get('manifest.json')!).toString());
    store.files.set('manifest.json', Buffer.from(JSON.stringify({ shards, ...head })));
    expect(await readSummary(store)).toEqual(summary);
    expect(await faultsOf(store)).toEqual([]);
  });

  it.each<[string, (text: string) => string]>([
    ['cut short', (text) => text.slice(0, -20)],
    ['no JSON', () => 'manifest'],
    ['without counts', (text) => text.replace('"counts"', '"count"')],
    ['of a shard that is none', (text) => text.replace('"tar"', '"tarr"')],
  ])('that is %s is refused', async (_, damaged) => {
    const { store, plan } = await makeDataset({ ...large, prompts: ['cat'] });
    store.files.set('manifest.json', Buffer.from(damaged(Buffer.from(store.files.get('manifest.json')!).toString())));
    const refused = { code: 'dataset_invalid', param: 'manifest.json', message: expect.stringContaining('delete it and resume') };
    await expect(readSummary(store)).rejects.toMatchObject(refused);
    await expect(finishDataset(plan, { store })).rejects.toMatchObject(refused);
  });
});
