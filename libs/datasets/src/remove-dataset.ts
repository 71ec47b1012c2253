import type { DatasetPlan } from '@slipstream/contracts';
import { datasetFiles, shardFiles } from './shard-files.js';
import type { ShardStore } from './shard-store.js';

const mostAtOnce = 32;

/** Deletes all files of a data set that nobody makes any more, however far it came. The plan goes last: whoever was interrupted can do it again. */
export async function removeDataset(plan: DatasetPlan, { store }: { store: Pick<ShardStore, 'delete'> }): Promise<void> {
  const { plan: planFile, ...others } = datasetFiles;
  const some: Promise<void>[] = Object.values(others).map((file) => store.delete(file));
  for (let shard = 0; shard < plan.shards; shard += 1) {
    some.push(...Object.values(shardFiles(plan, shard)).map((file) => store.delete(file)));
    if (some.length >= mostAtOnce) await Promise.all(some.splice(0));
  }
  await Promise.all(some);
  await store.delete(planFile);
}
