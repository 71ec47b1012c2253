import { SlipstreamError, type DatasetPlan } from '@slipstream/contracts';
import { datasetCard } from './card.js';
import { writeDuplicates } from './duplicates.js';
import { datasetManifest, readManifest, type DatasetManifest } from './manifest.js';
import { datasetFiles, shardFiles } from './shard-files.js';
import { addCounts, noCounts, shardStatsSchema, type SampleCounts, type ShardStats } from './shard-stats.js';
import { mediaTypes, type ShardStore } from './shard-store.js';

/**
 * The last step, once all shards are done: the list of duplicates across shards, the card, the manifest, and the parts go.
 * Again it changes nothing. Throws `dataset_invalid` naming a shard that is missing.
 */
export async function finishDataset(plan: DatasetPlan, { store, signal }: { store: ShardStore; signal?: AbortSignal }): Promise<DatasetManifest> {
  const manifest = (await readManifest(store)) ?? (await makeManifest(plan, store, signal));
  const put = (key: string, text: string, contentType: string) => store.put(key, Buffer.from(text), { contentType, ...(signal && { signal }) });
  await put(datasetFiles.card, datasetCard(manifest), mediaTypes.md);
  await put(datasetFiles.manifest, `${JSON.stringify(manifest, null, 2)}\n`, mediaTypes.json);
  for (let shard = 0; shard < plan.shards; shard += 1) await store.delete(shardFiles(plan, shard).part);
  return manifest;
}

async function makeManifest(plan: DatasetPlan, store: ShardStore, signal: AbortSignal | undefined): Promise<DatasetManifest> {
  const shards: DatasetManifest['shards'] = [];
  let counts: SampleCounts = noCounts;
  for (let number = 0; number < plan.shards; number += 1) {
    signal?.throwIfAborted();
    const stats = await readStats(plan, number, store);
    const { shard, count, successes, failed, dropped, tar, table } = stats;
    shards.push({ shard, count, successes, failed, dropped, tar, table });
    counts = addCounts(counts, stats);
  }
  const duplicates = plan.filters.exactDuplicates ? await writeDuplicates(plan, { store, signal }) : undefined;
  // Through the schema: its order of members, however the plan came here.
  return datasetManifest.parse({ format: 'slipstream-dataset-manifest', version: 1, plan, counts, shards, ...(duplicates && { duplicates }) });
}

/** A shard's statistics. Throws `dataset_invalid` where they are missing or cannot be read. */
export async function readStats(plan: DatasetPlan, shard: number, store: Pick<ShardStore, 'get'>): Promise<ShardStats> {
  const { stats } = shardFiles(plan, shard);
  const found = await store.get(stats);
  if (!found) throw new SlipstreamError('dataset_invalid', `${stats} is missing`, { param: stats, remedy: 'resume the data set' });
  try {
    return shardStatsSchema.parse(JSON.parse(Buffer.from(found.bytes).toString('utf8')));
  } catch (cause) {
    throw new SlipstreamError('dataset_invalid', `${stats} is not the statistics of a shard`, { param: stats, remedy: 'delete the three files of that shard and resume', cause });
  }
}
