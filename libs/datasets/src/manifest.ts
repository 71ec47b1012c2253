import { JSONParser } from '@streamparser/json';
import { datasetPlan, SlipstreamError } from '@slipstream/contracts';
import { z } from 'zod';
import { datasetFiles } from './shard-files.js';
import { sampleCounts, shardStatsSchema } from './shard-stats.js';
import { slicesOf, type ShardStore } from './shard-store.js';

/** One shard in the manifest. */
const shardEntry = shardStatsSchema.pick({ shard: true, count: true, successes: true, failed: true, dropped: true, tar: true, table: true }).strict();
export type ShardEntry = z.infer<typeof shardEntry>;

/** What `manifest.json` says beside its `shards`. */
const manifestHead = z.strictObject({
  format: z.literal('slipstream-dataset-manifest'),
  version: z.literal(1),
  plan: datasetPlan,
  counts: sampleCounts,
  /** Kept pictures whose pixels another shard has as well: listed, not dropped. Where exact duplicates were asked for. */
  duplicates: z.strictObject({ file: z.string(), count: z.int().nonnegative(), sha256: z.string() }).optional(),
});

/** What a finished data set is, in a few hundred bytes however many shards it has. */
export interface DatasetSummary extends Omit<z.infer<typeof manifestHead>, 'format' | 'version'> {
  /** Listed in the manifest. */
  readonly shards: number;
  /** Of all tars. */
  readonly tarBytes: number;
}

/** The bytes of `manifest.json`, a shard at a time: what the data set is, and each of its files by its digest. Written last, once, when all shards are done. */
export async function* manifestBytes({ plan, counts, duplicates }: Pick<DatasetSummary, 'plan' | 'counts' | 'duplicates'>, shards: AsyncIterable<ShardEntry>): AsyncGenerator<Uint8Array> {
  // Through the schema: its order of members, however the plan came here.
  const { duplicates: listed, ...head } = manifestHead.parse({ format: 'slipstream-dataset-manifest', version: 1, plan, counts, ...(duplicates && { duplicates }) });
  const [before, after] = JSON.stringify({ ...head, shards: [], ...(listed && { duplicates: listed }) }, null, 2).split('\n  "shards": []');
  yield Buffer.from(`${before}\n  "shards": [`);
  let between = '\n';
  for await (const { shard, count, successes, failed, dropped, tar, table } of shards) {
    yield Buffer.from(between + JSON.stringify({ shard, count, successes, failed, dropped, tar, table }, null, 2).replace(/^/gm, '    '));
    between = ',\n';
  }
  yield Buffer.from(`\n  ]${after}\n`);
}

/** undefined where there is no manifest yet. Throws `dataset_invalid` for one that cannot be read. */
export async function readSummary(store: Pick<ShardStore, 'slice'>): Promise<DatasetSummary | undefined> {
  const head: Record<string, unknown> = {};
  let [found, shards, tarBytes] = [false, 0, 0];
  for await (const { name, value } of manifestMembers(store)) {
    found = true;
    if (name !== undefined) head[name] = value;
    else [shards, tarBytes] = [shards + 1, tarBytes + parsed(shardEntry, value).tar.bytes];
  }
  if (!found) return undefined;
  const { plan, counts, duplicates } = parsed(manifestHead, head);
  return { plan, counts, shards, tarBytes, ...(duplicates && { duplicates }) };
}

/** The shards that a manifest lists, as it lists them, a few in memory at a time. Throws as `readSummary`. */
export async function* listedShards(store: Pick<ShardStore, 'slice'>): AsyncGenerator<ShardEntry> {
  for await (const { name, value } of manifestMembers(store)) if (name === undefined) yield parsed(shardEntry, value);
}

/** Members of the manifest with their names, and those of its `shards` without, in the order of the file; none where there is no manifest. */
async function* manifestMembers(store: Pick<ShardStore, 'slice'>): AsyncGenerator<{ name?: string; value: unknown }> {
  const read: { name?: string; value: unknown }[] = [];
  const parser = new JSONParser({ paths: ['$.shards.*', ...Object.keys(manifestHead.shape).map((name) => `$.${name}`)], keepStack: false });
  parser.onValue = ({ key, value }) => void read.push(typeof key === 'string' ? { name: key, value } : { value });
  let empty = true;
  for await (const slice of slicesOf(store, datasetFiles.manifest, 1 << 16)) {
    empty = false;
    attempt(() => parser.write(slice));
    yield* read.splice(0);
  }
  if (!empty && !parser.isEnded) throw unreadable();
}

const parsed = <T>(schema: z.ZodType<T>, value: unknown): T => attempt(() => schema.parse(value));

function attempt<T>(work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw unreadable(cause);
  }
}

const unreadable = (cause?: unknown): SlipstreamError =>
  new SlipstreamError('dataset_invalid', `${datasetFiles.manifest} is not the manifest of a data set of this version`, { param: datasetFiles.manifest, remedy: 'restore it, or delete it and resume', cause });
