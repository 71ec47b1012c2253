import { z } from 'zod';
import type { DatasetPlan } from './dataset-plan.js';
import { errorReport } from './slipstream-error.js';

/** `finalizing`: all shards are done, the manifest is not. */
export const datasetStatuses = ['queued', 'in_progress', 'finalizing', 'completed', 'failed', 'cancelled'] as const;
export type DatasetStatus = (typeof datasetStatuses)[number];
export const datasetEnds = ['completed', 'failed', 'cancelled'] as const satisfies readonly DatasetStatus[];
export type DatasetEnd = (typeof datasetEnds)[number];

/** What is known of a tenant's data set; its files lie in the object store. */
export interface DatasetRecord {
  /** `ds_…` */
  readonly id: string;
  readonly tenant: string;
  readonly plan: DatasetPlan;
  readonly createdAtMs: number;
  readonly status: DatasetStatus;
  readonly endedAtMs?: number | undefined;
  readonly error?: z.infer<typeof errorReport> | undefined;
  readonly shardsDone: number;
  readonly samplesDone: number;
  readonly fullSteps: number;
  /** Branches of full steps that were recalled instead of computed; two make one. */
  readonly branchesRecalled: number;
}

/** Where the files of a data set lie. */
export const datasetPrefix = (id: string): string => `datasets/${id}/files/`;

const count = z.int().nonnegative();
const unixSeconds = count;

/** A data set as its tenant sees it. */
export const datasetObject = z.object({
  id: z.string(),
  object: z.literal('dataset'),
  name: z.string(),
  model: z.string(),
  status: z.enum(datasetStatuses),
  created_at: unixSeconds,
  ended_at: unixSeconds.nullable(),
  error: errorReport.nullable(),
  prompts: z.object({ count, faulty: count.meta({ description: 'Rows that are no prompts: their samples are rows of the tables, with the reason' }) }),
  pictures_per_prompt: count,
  shards: z.object({ total: count, done: count }),
  samples: z.object({ total: count, done: count.meta({ description: 'Of the shards that are done' }) }),
  full_steps: count.meta({ description: 'Of the pictures made so far, those saved included' }),
  full_steps_saved: z.number().nonnegative().meta({ description: 'Not computed, because another picture of the prompt had made the same first step' }),
  files: z.object({ manifest: z.string(), card: z.string(), duplicates: z.string().optional() }).nullable().meta({ description: 'Expiring links, once it is completed' }),
}).meta({ id: 'Dataset' });
export type DatasetObject = z.infer<typeof datasetObject>;

export const datasetList = z.object({ object: z.literal('list'), data: z.array(datasetObject), has_more: z.boolean() }).meta({ id: 'DatasetList' });
export type DatasetList = z.infer<typeof datasetList>;

const shardFile = z.object({ file: z.string(), bytes: count, sha256: z.string(), url: z.string().meta({ description: 'An expiring link' }) });

/** A shard that is done. */
export const datasetShard = z.object({ id: z.string(), object: z.literal('dataset.shard'), number: count, count, successes: count, failed: count, dropped: count, tar: shardFile, table: shardFile }).meta({ id: 'DatasetShard' });
export type DatasetShard = z.infer<typeof datasetShard>;

export const datasetShardList = z.object({ object: z.literal('list'), data: z.array(datasetShard), has_more: z.boolean() }).meta({ id: 'DatasetShardList' });
export type DatasetShardList = z.infer<typeof datasetShardList>;
