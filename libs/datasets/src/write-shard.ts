import { createHash } from 'node:crypto';
import { SlipstreamError, type DatasetPlan } from '@slipstream/contracts';
import { refusals, type Refusal } from './filters.js';
import type { Outcome } from './outcome.js';
import { shardFiles } from './shard-files.js';
import { shardStats, type FileDigest, type ShardStats } from './shard-stats.js';
import { digestOf, mediaTypes, type Payload, type ShardStore } from './shard-store.js';
import { writeTable, type TableRow } from './table.js';
import { tarBytes, type TarEntry } from './write-tar.js';

export interface ShardPlace {
  readonly plan: DatasetPlan;
  readonly shard: number;
  readonly store: ShardStore;
  readonly signal?: AbortSignal | undefined;
  /** Whether its tar may be. */
  readonly inMemory: () => boolean;
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
  const tar = await tarOf(place, () => judged.flatMap((each) => members(each, plan)));
  const table = writeTable(rows);
  const described = { tar: { file: files.tar, ...tar.digest }, table: { file: files.table, ...digestOfBytes(table) } };
  await put(place, { key: files.tar, payload: tar.payload, sha256: described.tar.sha256, contentType: mediaTypes.tar });
  await put(place, { key: files.table, payload: table, sha256: described.table.sha256, contentType: mediaTypes.parquet });
  const stats = shardStats(shard, rows, described);
  const text = Buffer.from(`${JSON.stringify(stats, null, 2)}\n`);
  await put(place, { key: files.stats, payload: text, sha256: digestOfBytes(text).sha256, contentType: mediaTypes.json });
  return stats;
}

/** The tar as it is, or, where it is not to be in memory, made twice: for its digest, and as it is written. */
async function tarOf({ inMemory }: ShardPlace, entries: () => TarEntry[]): Promise<{ payload: Payload; digest: Omit<FileDigest, 'file'> }> {
  const pieces: Uint8Array[] = [];
  const sha256 = createHash('sha256');
  let bytes = 0;
  const keep = inMemory();
  for await (const piece of tarBytes(entries())) {
    sha256.update(piece);
    bytes += piece.byteLength;
    if (keep) pieces.push(piece);
  }
  return { payload: keep ? Buffer.concat(pieces) : { sizeBytes: bytes, open: () => tarBytes(entries()) }, digest: { bytes, sha256: sha256.digest('hex') } };
}

async function put({ store, signal }: ShardPlace, { key, payload, sha256, contentType }: { key: string; payload: Payload; sha256: string; contentType: string }): Promise<void> {
  if ((await store.put(key, payload, { contentType, ifAbsent: true, ...(signal && { signal }) })) === 'stored') return;
  if ((await digestOf(store, key)) === sha256) return;
  throw new SlipstreamError('dataset_differs', `${key} is there already, with other bytes than are made now`, { param: key, remedy: 'delete it to have it made again; workers of one data set must be of one kind of machine' });
}

const digestOfBytes = (bytes: Uint8Array): Omit<FileDigest, 'file'> => ({ bytes: bytes.byteLength, sha256: createHash('sha256').update(bytes).digest('hex') });

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
    { name: `${key}.${extension(plan)}`, read: made.file.read },
    { name: `${key}.txt`, read: async () => Buffer.from(prompt) },
    { name: `${key}.json`, read: async () => Buffer.from(JSON.stringify(about)) },
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
