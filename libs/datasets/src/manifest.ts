import { datasetPlan, SlipstreamError } from '@slipstream/contracts';
import { z } from 'zod';
import { datasetFiles } from './shard-files.js';
import { sampleCounts, shardStatsSchema } from './shard-stats.js';
import type { ShardStore } from './shard-store.js';

/** `manifest.json`: what the data set is, and each of its files by its digest. Written last, once, when all shards are done. */
export const datasetManifest = z.strictObject({
  format: z.literal('slipstream-dataset-manifest'),
  version: z.literal(1),
  plan: datasetPlan,
  counts: sampleCounts,
  /** In order, without gaps. */
  shards: z.array(shardStatsSchema.pick({ shard: true, count: true, successes: true, failed: true, dropped: true, tar: true, table: true })),
  /** Kept pictures whose pixels another shard has as well: listed, not dropped. Where exact duplicates were asked for. */
  duplicates: z.strictObject({ file: z.string(), count: z.int().nonnegative(), sha256: z.string() }).optional(),
});
export type DatasetManifest = z.infer<typeof datasetManifest>;

/** undefined where there is none yet. Throws `dataset_invalid` for one that cannot be read. */
export async function readManifest(store: Pick<ShardStore, 'get'>): Promise<DatasetManifest | undefined> {
  const found = await store.get(datasetFiles.manifest);
  if (!found) return undefined;
  try {
    return datasetManifest.parse(JSON.parse(Buffer.from(found.bytes).toString('utf8')));
  } catch (cause) {
    throw new SlipstreamError('dataset_invalid', `${datasetFiles.manifest} is not the manifest of a data set of this version`, { param: datasetFiles.manifest, remedy: 'restore it, or delete it and resume', cause });
  }
}
