import { createHash } from 'node:crypto';
import type { DatasetPlan } from '@slipstream/contracts';
import { listedShards, readSummary, type ShardEntry } from './manifest.js';
import { readTar } from './read-tar.js';
import { shardRange } from './sample.js';
import { datasetFiles, shardFiles } from './shard-files.js';
import type { FileDigest } from './shard-stats.js';
import { slicesOf, type ShardStore } from './shard-store.js';
import { readTable, type TableRow } from './table.js';

export interface VerifyOptions {
  readonly onShard?: () => void;
  readonly signal?: AbortSignal;
}

/**
 * Reads a finished data set, one shard at a time, and tells what is wrong with it as it is found, one line a fault: files
 * that are missing or altered, shard numbers with gaps, keys that are not the plan's, tars and tables that do not fit. None
 * where all is well. In memory are one shard and a few lines of the manifest.
 */
export async function* verifyDataset(store: Pick<ShardStore, 'get' | 'slice'>, { onShard, signal }: VerifyOptions = {}): AsyncGenerator<string> {
  const summary = await readSummary(store);
  if (!summary) return yield `${datasetFiles.manifest} is missing: the data set is not finished`;
  const { plan, counts, duplicates } = summary;
  if (summary.shards !== plan.shards) yield `the manifest lists ${summary.shards} shards, its plan has ${plan.shards}`;
  let [place, samples] = [0, 0];
  for await (const entry of listedShards(store)) {
    signal?.throwIfAborted();
    if (entry.shard !== place || entry.tar.file !== shardFiles(plan, place).tar) yield `shard ${place} of the manifest is ${entry.tar.file}`;
    yield* await shardFaults(plan, entry, store);
    [place, samples] = [place + 1, samples + entry.count];
    onShard?.();
  }
  if (samples !== counts.count) yield `the shards have ${samples} samples, the manifest says ${counts.count}`;
  if (duplicates) yield* await fileFaults(duplicates, store);
}

/** Of a file that may be larger than the memory. */
async function fileFaults({ file, sha256 }: Pick<FileDigest, 'file' | 'sha256'>, store: Pick<ShardStore, 'slice'>): Promise<string[]> {
  const digest = createHash('sha256');
  let found = false;
  for await (const slice of slicesOf(store, file)) {
    found = true;
    digest.update(slice);
  }
  if (!found) return [`${file} is missing`];
  return digest.digest('hex') === sha256 ? [] : [`${file} was altered`];
}

async function shardFaults(plan: DatasetPlan, shard: ShardEntry, store: Pick<ShardStore, 'get'>): Promise<string[]> {
  const [tar, table] = [await checked(shard.tar, store), await checked(shard.table, store)];
  const faults = [...tar.faults, ...table.faults];
  if (faults.length > 0) return faults;
  const rows = await readTable(table.bytes!).catch(() => undefined);
  if (!rows) return [`${shard.table.file} cannot be read`];
  return [...keyFaults(plan, shard, rows), ...(await memberFaults(shard.tar.file, tar.bytes!, rows))];
}

async function checked({ file, sha256 }: Pick<FileDigest, 'file' | 'sha256'>, store: Pick<ShardStore, 'get'>): Promise<{ faults: string[]; bytes?: Uint8Array }> {
  const found = await store.get(file);
  if (!found) return { faults: [`${file} is missing`] };
  if (createHash('sha256').update(found.bytes).digest('hex') !== sha256) return { faults: [`${file} was altered`] };
  return { faults: [], bytes: found.bytes };
}

function keyFaults(plan: DatasetPlan, { shard, table, count, successes }: ShardEntry, rows: readonly TableRow[]): string[] {
  const { first, end } = shardRange(plan, shard);
  const faults: string[] = [];
  if (rows.length !== end - first || rows.length !== count) faults.push(`${table.file} has ${rows.length} rows, its shard ${end - first} samples`);
  const wrong = rows.findIndex(({ key }, i) => Number(key) !== first + i);
  if (wrong >= 0) faults.push(`row ${wrong + 1} of ${table.file} has the key ${rows[wrong]!.key}`);
  const kept = rows.filter(({ status }) => status === 'success').length;
  if (kept !== successes) faults.push(`${table.file} keeps ${kept} samples, the manifest says ${successes}`);
  const unsaid = rows.find(({ status, reason }) => (status === 'success') !== (reason === null));
  if (unsaid) faults.push(`${table.file} does not say why ${unsaid.key} is left out`);
  return faults;
}

async function memberFaults(file: string, bytes: Uint8Array, rows: readonly TableRow[]): Promise<string[]> {
  const pictures = new Map(rows.filter((row) => row.file !== null).map((row) => [row.file!, row]));
  const faults: string[] = [];
  for await (const member of readTar(bytes)) {
    const row = pictures.get(member.name);
    if (!row) continue;
    pictures.delete(member.name);
    if (createHash('sha256').update(member.bytes).digest('hex') !== row.sha256) faults.push(`${member.name} in ${file} is not the picture of its row`);
  }
  return [...faults, ...[...pictures.keys()].map((name) => `${name} is not in ${file}`)];
}
