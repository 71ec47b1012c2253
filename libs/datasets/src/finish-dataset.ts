import { SlipstreamError, type DatasetPlan } from '@slipstream/contracts';
import { datasetCard } from './card.js';
import { writeDuplicates } from './duplicates.js';
import { manifestBytes, readSummary, type DatasetSummary } from './manifest.js';
import { datasetFiles, shardFiles } from './shard-files.js';
import { addCounts, noCounts, shardStatsSchema, type SampleCounts, type ShardStats } from './shard-stats.js';
import { mediaTypes, type ShardStore } from './shard-store.js';

interface FinishOptions {
  readonly store: ShardStore;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The last step, once all shards are done: the list of duplicates across shards, the card, the manifest, and the parts go.
 * Again it changes nothing. The statistics are read twice, for the counts and for the manifest, and never all in memory.
 * Throws `dataset_invalid` naming a shard that is missing.
 */
export async function finishDataset(plan: DatasetPlan, options: FinishOptions): Promise<DatasetSummary> {
  const { store, signal } = options;
  const known = await readSummary(store);
  const summary = known ?? (await summarize(plan, options));
  await store.put(datasetFiles.card, Buffer.from(datasetCard(summary)), { contentType: mediaTypes.md, ...(signal && { signal }) });
  if (!known) await store.write(datasetFiles.manifest, manifestBytes(summary, statsOf(plan, options)), { contentType: mediaTypes.json, ...(signal && { signal }) });
  for (let shard = 0; shard < plan.shards; shard += 1) await store.delete(shardFiles(plan, shard).part);
  return summary;
}

async function summarize(plan: DatasetPlan, options: FinishOptions): Promise<DatasetSummary> {
  let counts: SampleCounts = noCounts;
  let tarBytes = 0;
  for await (const stats of statsOf(plan, options)) {
    counts = addCounts(counts, stats);
    tarBytes += stats.tar.bytes;
  }
  const duplicates = plan.filters.exactDuplicates ? await writeDuplicates(plan, options) : undefined;
  return { plan, counts, shards: plan.shards, tarBytes, ...(duplicates && { duplicates }) };
}

async function* statsOf(plan: DatasetPlan, { store, signal }: FinishOptions): AsyncGenerator<ShardStats> {
  for (let shard = 0; shard < plan.shards; shard += 1) {
    signal?.throwIfAborted();
    yield await readStats(plan, shard, store);
  }
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
