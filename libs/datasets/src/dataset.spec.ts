import { createHash } from 'node:crypto';
import { SlipstreamError } from '@slipstream/contracts';
import { describe, expect, it } from 'vitest';
import { layOut } from './lay-out.js';
import type { PictureMaker } from './outcome.js';
import { planDataset } from './plan-dataset.js';
import { readTable } from './table.js';
import { readTar } from './read-tar.js';
import { MemoryStore } from './testing/memory-store.js';
import { faultsOf, makeDataset, makePicture, planOfTest, promptsFrom, settings } from './testing/make-dataset.js';

const wanted = { prompts: ['cat', 'dog', '', 'cow', 'elephant'], picturesPerPrompt: 3, shardSize: 4, filters: { exactDuplicates: true } };

/** Each takes another number of turns, so they end in another order than they began in. */
const unevenly: PictureMaker = async (sample, options) => {
  for (let turns = (sample.seed % 7) * 3; turns > 0; turns -= 1) await Promise.resolve();
  return makePicture(sample, options);
};

const bytesOf = ({ files }: MemoryStore): string[] => [...files].map(([key, bytes]) => `${key} ${createHash('sha256').update(bytes).digest('hex')}`).sort();

async function namesIn(bytes: Uint8Array): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of readTar([bytes])) names.push(name);
  return names;
}

describe('a data set', () => {
  it('has a tar, a table and statistics for each shard, a manifest and a card, and nothing else', async () => {
    const { store, summary } = await makeDataset(wanted);
    const shards = ['000000', '000001', '000002', '000003'].flatMap((number) => [`test-${number}.parquet`, `test-${number}.tar`, `test-${number}_stats.json`]);
    expect([...store.files.keys()].sort()).toEqual(['README.md', 'duplicates.parquet', 'manifest.json', 'plan.json', ...shards]);
    expect(summary.counts).toMatchObject({ count: 15, successes: 12, failed: 3, dropped: 0, status_dict: { success: 12, 'failed:faulty_row': 3 } });
    expect(await faultsOf(store)).toEqual([]);
  });

  it('has every sample as a row and each that was made as adjacent members of the tar', async () => {
    const { store } = await makeDataset(wanted);
    const rows = await readTable(store.files.get('test-000001.parquet')!);
    expect(rows.map(({ key, status, reason, prompt }) => [key, status, reason, prompt])).toEqual([
      ['000000000003', 'success', null, 'dog'], ['000000000004', 'success', null, 'dog'], ['000000000005', 'success', null, 'dog'],
      ['000000000006', 'failed', 'faulty_row', null],
    ]);
    expect(rows[3]!.error_message).toMatch(/^row 3: prompt must be/);
    expect(await namesIn(store.files.get('test-000001.tar')!)).toEqual(['3', '4', '5'].flatMap((n) => ['png', 'txt', 'json'].map((ending) => `00000000000${n}.${ending}`)));
  });

  it('has the same bytes whatever order its pictures come in', async () => {
    const [one, other] = [await makeDataset(wanted), await makeDataset(wanted, { make: unevenly })];
    expect(bytesOf(other.store)).toEqual(bytesOf(one.store));
  });

  it('has the same bytes after it was stopped after any write', async () => {
    const whole = (await makeDataset(wanted)).store;
    for (let writes = 0; ; writes += 1) {
      const store = new MortalStore(writes);
      const stopped = await makeDataset(wanted, { store }).then(() => false, (error: Error) => error.message === 'killed');
      store.writesLeft = Infinity;
      await makeDataset(wanted, { store, make: unevenly });
      expect(bytesOf(store)).toEqual(bytesOf(whole));
      if (!stopped) return expect(writes).toBeGreaterThan(15);
    }
  });

  it('makes nothing again that is there', async () => {
    const { store } = await makeDataset(wanted);
    await makeDataset(wanted, { store, make: () => Promise.reject(new Error('made again')) });
  });

  it('records a picture that cannot be made and goes on, but ends when the engine does', async () => {
    const failing = (error: Error): PictureMaker => async (sample, options) => (sample.prompt === 'dog' ? Promise.reject(error) : makePicture(sample, options));
    const { summary } = await makeDataset(wanted, { make: failing(new SlipstreamError('invalid_request', 'no such class')) });
    expect(summary.counts.status_dict).toEqual({ 'failed:faulty_row': 3, 'failed:invalid_request': 3, success: 9 });
    await expect(makeDataset(wanted, { make: failing(new SlipstreamError('engine_failed', 'it died')) })).rejects.toThrow('it died');
  });

  it('begins no picture after it was stopped', async () => {
    const stop = new AbortController();
    let begun = 0;
    const make: PictureMaker = async (sample, options) => {
      if ((begun += 1) === 5) stop.abort(new Error('stopped'));
      return makePicture(sample, options);
    };
    await expect(makeDataset(wanted, { make, signal: stop.signal })).rejects.toThrow('stopped');
    expect(begun).toBe(5);
  });

  it('hands the maker the next shard before the last is written, and never more than two', async () => {
    let [begun, written, ahead] = [0, 0, 0];
    const make: PictureMaker = (sample, options) => {
      begun += 1;
      ahead = Math.max(ahead, begun - written);
      return makePicture(sample, options);
    };
    await makeDataset({ prompts: Array.from({ length: 40 }, (_, i) => `cat ${i}`), shardSize: 4 }, { make, onShard: () => void (written += 4) });
    expect(ahead).toBeGreaterThan(4);
    expect(ahead).toBeLessThanOrEqual(8);
  });
});

describe('another data set in the same place', () => {
  it('is refused, saying what is different', async () => {
    const { store } = await makeDataset(wanted);
    await expect(makeDataset({ ...wanted, picturesPerPrompt: 2 }, { store })).rejects.toMatchObject({ code: 'dataset_differs', message: expect.stringMatching(/picturesPerPrompt, shards are different/) });
    await expect(makeDataset({ ...wanted, prompts: ['cat', 'dog', '', 'cow', 'eel'] }, { store })).rejects.toThrow(/its prompts is different/);
  });

  it('is never mixed with: a shard of other bytes is refused', async () => {
    const { store, plan } = await makeDataset(wanted);
    store.files.delete('test-000001_stats.json');
    store.files.delete('manifest.json');
    const { source } = await planOfTest(wanted);
    const fresh = new MemoryStore();
    await layOut(plan, source, { store: fresh });
    store.files.set('test-000001_prompts.jsonl', fresh.files.get('test-000001_prompts.jsonl')!);
    const other: PictureMaker = async (sample, options) => ({ ...(await makePicture(sample, options)), file: Buffer.from('other') });
    await expect(makeDataset(wanted, { store, make: other })).rejects.toMatchObject({ code: 'dataset_differs', message: expect.stringContaining('test-000001.tar is there already') });
  });
});

it.each(['../escape', 'a/b', '..', '.hidden', '/etc/passwd', 'a\\b', 'A', '', 'x'.repeat(65), 'a\0b'])('the name %j is refused', async (name) => {
  const choices = { name, bundle: { name: 'fake', digest: 'd' }, settings, picturesPerPrompt: 1, seed: 0, shardSize: 4, filters: { exactDuplicates: false } };
  await expect(planDataset(promptsFrom(['cat']), choices)).rejects.toMatchObject({ code: 'invalid_request', param: 'name' });
});

it('no prompts, or none that is one, are refused', async () => {
  await expect(planOfTest({ prompts: [] })).rejects.toThrow(/there are no prompts in a test/);
  await expect(planOfTest({ prompts: ['', 3] })).rejects.toThrow(/none of the 2 rows of a test is a prompt; the first: row 1/);
});

describe('verifyDataset', () => {
  it.each<[string, (store: MemoryStore) => void, RegExp]>([
    ['a tar that is gone', ({ files }) => files.delete('test-000002.tar'), /test-000002.tar is missing/],
    ['a flipped bit', ({ files }) => void (files.get('test-000001.tar')![600]! ^= 1), /test-000001.tar was altered/],
    ['a table cut short', ({ files }) => files.set('test-000000.parquet', files.get('test-000000.parquet')!.slice(0, 90)), /test-000000.parquet was altered/],
    ['no manifest', ({ files }) => files.delete('manifest.json'), /the data set is not finished/],
    ['a gap', (store) => withoutShard(store, 1), /lists 3 shards, its plan has 4/],
  ])('finds %s', async (_, damage, fault) => {
    const { store } = await makeDataset(wanted);
    damage(store);
    expect((await faultsOf(store)).join('\n')).toMatch(fault);
  });
});

function withoutShard({ files }: MemoryStore, shard: number): void {
  const manifest = JSON.parse(Buffer.from(files.get('manifest.json')!).toString());
  manifest.shards.splice(shard, 1);
  files.set('manifest.json', Buffer.from(JSON.stringify(manifest)));
}

/** Dies after so many writes. */
class MortalStore extends MemoryStore {
  constructor(public writesLeft: number) {
    super();
  }

  override async put(...args: Parameters<MemoryStore['put']>): Promise<'stored' | 'present'> {
    if ((this.writesLeft -= 1) < 0) throw new Error('killed');
    return super.put(...args);
  }
}
