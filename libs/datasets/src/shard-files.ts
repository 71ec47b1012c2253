import type { DatasetPlan } from '@slipstream/contracts';

/** Of the whole data set. The plan is written after all parts, the manifest after all shards. */
export const datasetFiles = { plan: 'plan.json', manifest: 'manifest.json', card: 'README.md', duplicates: 'duplicates.parquet', status: 'status.json' } as const;

/** Keys of one shard; `stats` is written last, and where it is the shard is done. `part` holds its prompts until all is done. */
export interface ShardFiles {
  readonly tar: string;
  readonly table: string;
  readonly stats: string;
  readonly part: string;
}

/** Numbers from 000000 on, without gaps. */
export function shardFiles({ name }: Pick<DatasetPlan, 'name'>, shard: number): ShardFiles {
  const base = `${name}-${String(shard).padStart(6, '0')}`;
  return { tar: `${base}.tar`, table: `${base}.parquet`, stats: `${base}_stats.json`, part: `${base}_prompts.jsonl` };
}
