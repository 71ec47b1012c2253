import { describe, expect, it } from 'vitest';
import { differenceHash, hashDistance, hashWords } from './difference-hash.js';
import { writeDuplicates } from './duplicates.js';
import type { PictureMaker } from './outcome.js';
import { readTable } from './table.js';
import { faultsOf, makeDataset, makePicture } from './testing/make-dataset.js';

/** A picture of 18 × 16 with a dark square whose left edge is at `left`. */
function squareAt(left: number): { width: number; height: number; pixels: Uint8Array } {
  const pixels = new Uint8Array(18 * 16 * 4).fill(255);
  for (let y = 4; y < 12; y += 1) for (let x = left; x < left + 6; x += 1) pixels.set([10, 20, 30, 255], (y * 18 + x) * 4);
  return { width: 18, height: 16, pixels };
}

const distance = (a: string, b: string): number => hashDistance(hashWords(a), hashWords(b));

describe('the difference hash', () => {
  it('is near for a picture a little brighter and far for another one', () => {
    const [square, brighter, elsewhere] = [squareAt(2), squareAt(2), squareAt(11)];
    for (let i = 0; i < brighter.pixels.length; i += 1) if (i % 4 < 3) brighter.pixels[i] = Math.min(255, brighter.pixels[i]! + 20);
    expect(differenceHash(square)).toMatch(/^[0-9a-f]{16}$/);
    expect(distance(differenceHash(square), differenceHash(brighter))).toBe(0);
    expect(distance(differenceHash(square), differenceHash(elsewhere))).toBeGreaterThanOrEqual(8);
  });

  it('sees transparent as white', () => {
    const clear = { width: 18, height: 16, pixels: new Uint8Array(18 * 16 * 4) };
    const white = { width: 18, height: 16, pixels: new Uint8Array(18 * 16 * 4).fill(255) };
    expect(differenceHash(clear)).toBe(differenceHash(white));
  });

  it('counts bits in both halves', () => {
    expect(distance('ffffffff00000001', '0000000000000000')).toBe(33);
    expect(distance('8000000080000000', '0000000000000000')).toBe(2);
  });
});

/** The prompt says where the square is; the score is ten times that. */
const squares: PictureMaker = async (sample, options) => {
  const left = Number(sample.prompt.split(' ')[0]);
  return { ...(await makePicture(sample, options)), ...squareAt(left), score: left * 10 };
};

async function rowsWith(prompts: readonly string[], filters: Parameters<typeof makeDataset>[0]['filters'], shardSize = 10) {
  const { store, summary } = await makeDataset({ prompts, shardSize, filters }, { make: squares });
  expect(await faultsOf(store)).toEqual([]);
  const rows = await readTable(store.files.get('test-000000.parquet')!);
  return { rows: rows.map(({ status, reason, duplicate_of }) => [status, reason, duplicate_of && Number(duplicate_of)]), summary, store };
}

describe('filters', () => {
  it('drop exact duplicates but the first, and say of what', async () => {
    const { rows, summary } = await rowsWith(['2 a', '3', '2 b', '2 c'], { exactDuplicates: true });
    expect(rows).toEqual([['success', null, null], ['success', null, null], ['dropped', 'exact_duplicate', 0], ['dropped', 'exact_duplicate', 0]]);
    expect(summary.counts).toMatchObject({ successes: 2, dropped: 2, failed: 0 });
  });

  it('drop near duplicates of what is kept, not of what was dropped', async () => {
    const far = distance(differenceHash(squareAt(2)), differenceHash(squareAt(11)));
    const { rows } = await rowsWith(['2', '2 again', '11'], { exactDuplicates: false, nearDuplicates: Math.min(16, far - 1) });
    expect(rows).toEqual([['success', null, null], ['dropped', 'near_duplicate', 0], ['success', null, null]]);
  });

  it('drop what scores too low, before it can make another one a duplicate', async () => {
    const { rows, summary } = await rowsWith(['2 a', '2 b', '11'], { exactDuplicates: true, minScore: { scorer: 'judge', value: 50 } });
    expect(rows).toEqual([['dropped', 'low_score', null], ['dropped', 'low_score', null], ['success', null, null]]);
    expect(summary.counts.status_dict).toEqual({ 'dropped:low_score': 2, success: 1 });
  });

  it('keep duplicates of other shards, and list them', async () => {
    const { summary, store } = await rowsWith(['2 a', '3', '2 b', '3 b', '4', '2 c'], { exactDuplicates: true }, 2);
    expect(summary.counts.dropped).toBe(0);
    expect(summary.duplicates).toMatchObject({ file: 'duplicates.parquet', count: 3 });
    const listed = await readTable(store.files.get('duplicates.parquet')!, ['key', 'duplicate_of']);
    expect(listed.map(({ key, duplicate_of }) => [Number(key), Number(duplicate_of)])).toEqual([[2, 0], [3, 1], [5, 0]]);
  });

  it('list the same duplicates however few digests may be in memory', async () => {
    const { summary: { plan }, store } = await rowsWith(Array.from({ length: 60 }, (_, i) => `${i % 12} ${i}`), { exactDuplicates: true }, 6);
    const listed = async (heldAtOnce: number): Promise<string[]> => {
      const { count } = await writeDuplicates(plan, { store, heldAtOnce });
      const rows = await readTable(store.files.get('duplicates.parquet')!, ['key', 'duplicate_of']);
      expect(rows).toHaveLength(count);
      return rows.map(({ key, duplicate_of }) => `${key} ${duplicate_of}`).sort();
    };
    const all = await listed(1_000);
    expect(all).toHaveLength(48);
    expect(await listed(7)).toEqual(all);
  });
});
