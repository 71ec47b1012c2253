import { createHash } from 'node:crypto';
import type { DatasetPlan } from '@slipstream/contracts';
import { ByteWriter, ParquetWriter, schemaFromColumnData } from 'hyparquet-writer';
import { keyOf, sampleCount } from './sample.js';
import { datasetFiles, shardFiles } from './shard-files.js';
import { mediaTypes, type ShardStore } from './shard-store.js';
import { readTable } from './table.js';

interface Duplicate {
  readonly key: string;
  /** The first of its pixels. */
  readonly duplicate_of: string;
  readonly pixels_sha256: string;
}

export interface DuplicatesOptions {
  readonly store: Pick<ShardStore, 'get' | 'write'>;
  readonly signal?: AbortSignal | undefined;
  /** Digests in memory at once, default two million; a larger data set is read several times, each time for another part of all digests. */
  readonly heldAtOnce?: number;
}

const columns = ['key', 'duplicate_of', 'pixels_sha256'] as const;
const rowsOfGroup = 50_000;

/**
 * Writes the list of kept samples whose pixels an earlier shard has kept as well, as Parquet `key, duplicate_of,
 * pixels_sha256`, ordered by key within each reading. They stay in their shards: a written shard never changes. Which of
 * them counts as the first depends on keys alone, not on who was made when.
 */
export async function writeDuplicates(plan: DatasetPlan, { store, signal, heldAtOnce = 2_000_000 }: DuplicatesOptions): Promise<{ file: string; count: number; sha256: string }> {
  const digest = createHash('sha256');
  let count = 0;
  const readings = Math.ceil(sampleCount(plan) / heldAtOnce);
  async function* counted(): AsyncGenerator<Duplicate> {
    for (let reading = 0; reading < readings; reading += 1) {
      for await (const duplicate of duplicatesIn(reading, { readings, plan, store, signal })) {
        count += 1;
        yield duplicate;
      }
    }
  }
  async function* hashed(): AsyncGenerator<Uint8Array> {
    for await (const piece of parquet(counted())) {
      digest.update(piece);
      yield piece;
    }
  }
  await store.write(datasetFiles.duplicates, hashed(), { contentType: mediaTypes.parquet, ...(signal && { signal }) });
  return { file: datasetFiles.duplicates, count, sha256: digest.digest('hex') };
}

async function* duplicatesIn(reading: number, { readings, plan, store, signal }: { readings: number; plan: DatasetPlan } & Pick<DuplicatesOptions, 'store' | 'signal'>): AsyncGenerator<Duplicate> {
  const first = new Map<string, number>(); // by the digest's bytes, which take half the memory of its hex
  for await (const { key, pixels_sha256 } of keptPictures(plan, store)) {
    signal?.throwIfAborted();
    if (Number.parseInt(pixels_sha256.slice(0, 8), 16) % readings !== reading) continue;
    const bytes = Buffer.from(pixels_sha256, 'hex').toString('latin1');
    const number = first.get(bytes);
    if (number === undefined) first.set(bytes, Number(key));
    else yield { key, duplicate_of: keyOf(number), pixels_sha256 };
  }
}

/** Rows as Parquet in pieces, one group of rows at a time. */
async function* parquet(rows: AsyncIterable<Duplicate>): AsyncGenerator<Uint8Array> {
  const columnsOf = (group: readonly Duplicate[]) => columns.map((name) => ({ name, type: 'STRING' as const, data: group.map((row) => row[name]) }));
  const writer = new ByteWriter();
  const file = new ParquetWriter({ writer, schema: schemaFromColumnData({ columnData: columnsOf([]) }), createdBy: 'slipstream' });
  let group: Duplicate[] = [];
  const written = async (): Promise<Uint8Array> => {
    await file.write({ columnData: columnsOf(group), rowGroupSize: rowsOfGroup });
    group = [];
    return taken(writer);
  };
  for await (const row of rows) if (group.push(row) === rowsOfGroup) yield written();
  if (group.length > 0) yield written();
  await file.finish();
  yield taken(writer);
}

/** What was written since the last call. */
function taken(writer: ByteWriter): Uint8Array {
  const bytes = writer.getBytes().slice();
  writer.index = 0;
  return bytes;
}

async function* keptPictures(plan: DatasetPlan, store: Pick<ShardStore, 'get'>): AsyncGenerator<{ key: string; pixels_sha256: string }> {
  for (let shard = 0; shard < plan.shards; shard += 1) {
    const table = await store.get(shardFiles(plan, shard).table);
    for (const { key, status, pixels_sha256 } of table ? await readTable(table.bytes, ['key', 'status', 'pixels_sha256']) : []) if (status === 'success' && pixels_sha256 !== null) yield { key, pixels_sha256 };
  }
}
