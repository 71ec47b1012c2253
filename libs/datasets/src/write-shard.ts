import { createHash } from 'node:crypto';
import { SlipstreamError, type DatasetPlan } from '@slipstream/contracts';
import { refusals, type Refusal } from './filters.js';
import type { Outcome } from './outcome.js';
import { shardFiles } from './shard-files.js';
import { shardStats, type FileDigest, type ShardStats } from './shard-stats.js';
import { mediaTypes, type ShardStore } from './shard-store.js';
import { writeTable, type TableRow } from './table.js';
import { writeTar, type TarEntry } from './write-tar.js';

export interface ShardPlace {
  readonly plan: DatasetPlan;
  readonly shard: number;
  readonly store: ShardStore;
  readonly signal?: AbortSignal | undefined;
}

/** An outcome and what the filters say of it. */
type Judged = { readonly outcome: Outcome; readonly refusal: Refusal | undefined };

/**
 * A shard from the outcomes of all its samples, in the order of their keys: the tar of what is kept, the table of all, and
 * last the statistics, which say that it is done. Each is whole or not there; what another writer left is the same, or it
 * throws `dataset_differs`.
 */
export async function writeShard(place: ShardPlace, outcomes: readonly Outcome[]): Promise<ShardStats> {
  const { plan, shard } = place;
  const files = shardFiles(plan, shard);
  const refused = refusals(outcomes, plan.filters);
  const judged = outcomes.map((outcome, i) => ({ outcome, refusal: refused[i] }));
  const rows = judged.map((each) => rowOf(each, plan));
  const tar = await writeTar(judged.flatMap((each) => members(each, plan)));
  const table = writeTable(rows);
  await put(place, { key: files.tar, bytes: tar, contentType: mediaTypes.tar });
  await put(place, { key: files.table, bytes: table, contentType: mediaTypes.parquet });
  const stats = shardStats(shard, rows, { tar: described(files.tar, tar), table: described(files.table, table) });
  await put(place, { key: files.stats, bytes: Buffer.from(`${JSON.stringify(stats, null, 2)}\n`), contentType: mediaTypes.json });
  return stats;
}

async function put({ store, signal }: ShardPlace, { key, bytes, contentType }: { key: string; bytes: Uint8Array; contentType: string }): Promise<void> {
  if ((await store.put(key, bytes, { contentType, ifAbsent: true, ...(signal && { signal }) })) === 'stored') return;
  const there = await store.get(key);
  if (there && Buffer.compare(there.bytes, bytes) === 0) return;
  throw new SlipstreamError('dataset_differs', `${key} is there already, with other bytes than are made now`, { param: key, remedy: 'delete it to have it made again; workers of one data set must be of one kind of machine' });
}

const described = (file: string, bytes: Uint8Array): FileDigest => ({ file, bytes: bytes.byteLength, sha256: createHash('sha256').update(bytes).digest('hex') });

const extension = ({ settings }: DatasetPlan): string => (settings.outputFormat === 'jpeg' ? 'jpg' : settings.outputFormat);

/** One sample of the tar: picture, prompt and what is known of it, under one name. */
function members({ outcome, refusal }: Judged, plan: DatasetPlan): TarEntry[] {
  if (refusal || !('made' in outcome)) return [];
  const { sample: { key, prompt, seed, row, picture }, made } = outcome;
  const about = {
    key, prompt, seed, source_row: row, picture, sha256: made.sha256, width: made.width, height: made.height, ...(made.score !== undefined && { score: made.score }),
    full_steps: made.fullSteps, shortcut_steps: made.shortcutSteps, partial_steps: made.partialSteps, model: plan.bundle.name, bundle: plan.bundle.digest,
  };
  return [
    { name: `${key}.${extension(plan)}`, bytes: made.file },
    { name: `${key}.txt`, bytes: Buffer.from(prompt) },
    { name: `${key}.json`, bytes: Buffer.from(JSON.stringify(about)) },
  ];
}

function rowOf({ outcome, refusal }: Judged, plan: DatasetPlan): TableRow {
  const { sample } = outcome;
  const made = 'made' in outcome ? outcome.made : undefined;
  return {
    key: sample.key,
    status: refusal?.status ?? 'success',
    reason: refusal?.reason ?? null,
    error_message: refusal?.message ?? null,
    duplicate_of: refusal?.duplicateOf ?? null,
    prompt: sample.prompt === '' ? null : sample.prompt,
    source_row: sample.row,
    picture: sample.picture,
    seed: sample.seed,
    file: made && !refusal ? `${sample.key}.${extension(plan)}` : null,
    bytes: made?.file.byteLength ?? null,
    sha256: made?.sha256 ?? null,
    width: made?.width ?? null,
    height: made?.height ?? null,
    pixels_sha256: made?.pixelsSha256 ?? null,
    difference_hash: made?.differenceHash ?? null,
    score: made?.score ?? null,
    full_steps: made?.fullSteps ?? null,
    shortcut_steps: made?.shortcutSteps ?? null,
    partial_steps: made?.partialSteps ?? null,
  };
}
