import { createHash } from 'node:crypto';
import type { DatasetPlan } from '@slipstream/contracts';
import { listedShards, readSummary, type ShardEntry } from './manifest.js';
import { readTar } from './read-tar.js';
import { shardRange } from './sample.js';
import { datasetFiles, shardFiles } from './shard-files.js';
import type { FileDigest } from './shard-stats.js';
import { digestOf, slicesOf, type ShardStore } from './shard-store.js';
import { readTable, type TableRow } from './table.js';

export interface VerifyOptions {
  readonly onShard?: () => void;
  readonly signal?: AbortSignal;
}

/**
 * Reads a finished data set, one shard at a time, and tells what is wrong with it as it is found, one line a fault: files
 * that are missing or altered, shard numbers with gaps, keys that are not the plan's, tars and tables that do not fit. None
 * where all is well. In memory are the table of one
 * shard, one picture and a few lines of the manifest.
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

/** A file that may be larger than the memory, held against its digest. */
async function fileFaults({ file, sha256 }: Pick<FileDigest, 'file' | 'sha256'>, store: Pick<ShardStore, 'slice'>): Promise<string[]> {
  const found = await digestOf(store, file);
  if (found === undefined) return [`${file} is missing`];
  return found === sha256 ? [] : [`${file} was altered`];
}

async function shardFaults(plan: DatasetPlan, shard: ShardEntry, store: Pick<ShardStore, 'get' | 'slice'>): Promise<string[]> {
  const faults = [...(await fileFaults(shard.tar, store)), ...(await fileFaults(shard.table, store))];
  if (faults.length > 0) return faults;
  const table = await store.get(shard.table.file);
  const rows = await readTable(table?.bytes ?? new Uint8Array()).catch(() => undefined);
  if (!rows) return [`${shard.table.file} cannot be read`];
  return [...keyFaults(plan, shard, rows), ...(await memberFaults(shard.tar.file, rows, store))];
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

async function memberFaults(file: string, rows: readonly TableRow[], store: Pick<ShardStore, 'slice'>): Promise<string[]> {
  const pictures = new Map(rows.filter((row) => row.file !== null).map((row) => [row.file!, row]));
  const faults: string[] = [];
  for await (const member of readTar(slicesOf(store, file))) {
    const row = pictures.get(member.name);
    if (!row) continue;
    pictures.delete(member.name);
    if (createHash('sha256').update(member.bytes).digest('hex') !== row.sha256) faults.push(`${member.name} in ${file} is not the picture of its row`);
  }
  return [...faults, ...[...pictures.keys()].map((name) => `${name} is not in ${file}`)];
}
