import { createHash } from 'node:crypto';
import { datasetPlan, type DatasetPlan } from '@slipstream/contracts';
import { readManifest, type DatasetManifest } from './manifest.js';
import { readTar } from './read-tar.js';
import { shardRange } from './sample.js';
import { datasetFiles, shardFiles } from './shard-files.js';
import type { FileDigest } from './shard-stats.js';
import type { ShardStore } from './shard-store.js';
import { readTable, type TableRow } from './table.js';

export interface VerifyOptions {
  readonly onShard?: () => void;
  readonly signal?: AbortSignal;
}

/**
 * Reads a finished data set, one shard at a time, and says what is wrong with it, one line a fault: files that are missing
 * or altered, shard numbers with gaps, keys that are not the plan's, tars and tables that do not fit. None where all is well.
 */
export async function verifyDataset(store: Pick<ShardStore, 'get'>, { onShard, signal }: VerifyOptions = {}): Promise<string[]> {
  const manifest = await readManifest(store);
  if (!manifest) return [`${datasetFiles.manifest} is missing: the data set is not finished`];
  const faults = planFaults(manifest);
  for (const shard of manifest.shards) {
    signal?.throwIfAborted();
    faults.push(...(await shardFaults(manifest.plan, shard, store)));
    onShard?.();
  }
  const { duplicates } = manifest;
  if (duplicates) faults.push(...(await checked(duplicates, store)).faults);
  return faults;
}

function planFaults({ plan, shards, counts }: DatasetManifest): string[] {
  const faults: string[] = [];
  if (!datasetPlan.safeParse(plan).success) faults.push('the plan in the manifest is none');
  if (shards.length !== plan.shards) faults.push(`the manifest lists ${shards.length} shards, its plan has ${plan.shards}`);
  shards.forEach(({ shard, tar }, i) => {
    if (shard !== i || tar.file !== shardFiles(plan, i).tar) faults.push(`shard ${i} of the manifest is ${tar.file}`);
  });
  const total = shards.reduce((sum, { count }) => sum + count, 0);
  if (total !== counts.count) faults.push(`the shards have ${total} samples, the manifest says ${counts.count}`);
  return faults;
}

async function shardFaults(plan: DatasetPlan, shard: DatasetManifest['shards'][number], store: Pick<ShardStore, 'get'>): Promise<string[]> {
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

function keyFaults(plan: DatasetPlan, { shard, table, count, successes }: DatasetManifest['shards'][number], rows: readonly TableRow[]): string[] {
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
