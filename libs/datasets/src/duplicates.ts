import type { DatasetPlan } from '@slipstream/contracts';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { sampleCount } from './sample.js';
import { shardFiles } from './shard-files.js';
import type { ShardStore } from './shard-store.js';
import { readTable } from './table.js';

interface Duplicate {
  readonly key: string;
  /** The first of its pixels. */
  readonly duplicate_of: string;
  readonly pixels_sha256: string;
}

/** Digests held at once; a larger data set is read several times, each time for another part of all digests. */
const heldAtOnce = 2_000_000;

/**
 * Kept samples whose pixels an earlier shard has kept as well, as Parquet `key, duplicate_of, pixels_sha256`, ordered by key
 * within each reading. They stay in their shards: a written shard never changes. Which of them counts as the first depends
 * on keys alone, not on who was made when.
 */
export async function duplicatesAcross(plan: DatasetPlan, { store, signal }: { store: Pick<ShardStore, 'get'>; signal?: AbortSignal | undefined }): Promise<{ bytes: Uint8Array; count: number }> {
  const found: Duplicate[] = [];
  const readings = Math.ceil(sampleCount(plan) / heldAtOnce);
  for (let reading = 0; reading < readings; reading += 1) {
    const first = new Map<string, string>();
    for await (const { key, pixels_sha256 } of keptPictures(plan, store)) {
      signal?.throwIfAborted();
      if (Number.parseInt(pixels_sha256.slice(0, 8), 16) % readings !== reading) continue;
      const duplicate_of = first.get(pixels_sha256);
      if (duplicate_of === undefined) first.set(pixels_sha256, key);
      else found.push({ key, duplicate_of, pixels_sha256 });
    }
  }
  const columnData = (['key', 'duplicate_of', 'pixels_sha256'] as const).map((name) => ({ name, type: 'STRING' as const, data: found.map((row) => row[name]) }));
  return { bytes: new Uint8Array(parquetWriteBuffer({ columnData, createdBy: 'slipstream' })), count: found.length };
}

async function* keptPictures(plan: DatasetPlan, store: Pick<ShardStore, 'get'>): AsyncGenerator<{ key: string; pixels_sha256: string }> {
  for (let shard = 0; shard < plan.shards; shard += 1) {
    const table = await store.get(shardFiles(plan, shard).table);
    for (const { key, status, pixels_sha256 } of table ? await readTable(table.bytes, ['key', 'status', 'pixels_sha256']) : []) if (status === 'success' && pixels_sha256 !== null) yield { key, pixels_sha256 };
  }
}
