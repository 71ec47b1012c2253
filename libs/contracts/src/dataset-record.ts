import { z } from 'zod';
import type { DatasetPlan } from './dataset-plan.js';
import { errorReport } from './slipstream-error.js';

/** `finalizing`: all shards are done, the manifest is not. */
export const datasetStatuses = ['queued', 'in_progress', 'finalizing', 'completed', 'failed', 'cancelled'] as const;
export type DatasetStatus = (typeof datasetStatuses)[number];
export const datasetEnds = ['completed', 'failed', 'cancelled'] as const satisfies readonly DatasetStatus[];
export type DatasetEnd = (typeof datasetEnds)[number];
export const isDatasetEnd = (status: DatasetStatus): status is DatasetEnd => (datasetEnds as readonly string[]).includes(status);

/** What is known of a tenant's data set; its files lie in the object store. */
export interface DatasetRecord {
  /** `ds_…` */
  readonly id: string;
  readonly tenant: string;
  readonly plan: DatasetPlan;
  readonly createdAtMs: number;
  readonly status: DatasetStatus;
  /** The first rows that are no prompts, each named by its number and what is wrong with it; at most twenty. */
  readonly faults: readonly string[];
  readonly endedAtMs?: number | undefined;
  /** Of one that has ended: when it is forgotten; its files stay. */
  readonly expiresAtMs?: number | undefined;
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

const reason = z.string().optional();

/** What a data set takes, as far as the fleet has measured it. */
export const datasetEstimate = z.object({
  bytes: count.nullable().meta({ description: 'Of all tars, by the size of pictures made of late in the same format' }),
  device_seconds: z.number().nonnegative().nullable().meta({ description: 'Seconds of one device for all pictures, by the measured cost of steps; full steps that are saved are left out as soon as a shard has told how many' }),
  eta: unixSeconds.nullable().meta({ description: 'When it will be completed, were it the only data set, by the rows that users have left free over the last minutes' }),
  unknown: z.object({ bytes: reason, device_seconds: reason, eta: reason }).meta({ description: 'Of each figure that is null, why' }),
}).meta({ id: 'DatasetEstimate' });
export type DatasetEstimate = z.infer<typeof datasetEstimate>;

/** A data set as its tenant sees it. */
export const datasetObject = z.object({
  id: z.string(),
  object: z.literal('dataset'),
  name: z.string(),
  model: z.string(),
  status: z.enum(datasetStatuses),
  created_at: unixSeconds,
  ended_at: unixSeconds.nullable(),
  expires_at: unixSeconds.nullable().meta({ description: 'When it is forgotten, once it has ended; its files stay where they are stored' }),
  error: errorReport.nullable(),
  prompts: z.object({ count, faulty: count.meta({ description: 'Rows that are no prompts: their samples are rows of the tables, with the reason' }), faults: z.array(z.string()).meta({ description: 'The first of them, at most twenty, each by the number of its row' }) }),
  pictures_per_prompt: count,
  shards: z.object({ total: count, done: count }),
  samples: z.object({ total: count, done: count.meta({ description: 'Of the shards that are done' }) }),
  full_steps: count.meta({ description: 'Of the pictures made so far, those saved included' }),
  full_steps_saved: z.number().nonnegative().meta({ description: 'Not computed, because another picture of the prompt had made the same first step' }),
  estimate: datasetEstimate.nullable().meta({ description: 'null once it has ended' }),
  files: z.object({ manifest: z.string(), card: z.string(), duplicates: z.string().optional() }).nullable().meta({ description: 'Expiring links, once it is completed' }),
}).meta({ id: 'Dataset' });
export type DatasetObject = z.infer<typeof datasetObject>;

export const datasetList = z.object({ object: z.literal('list'), data: z.array(datasetObject), has_more: z.boolean() }).meta({ id: 'DatasetList' });
export type DatasetList = z.infer<typeof datasetList>;

export const datasetDeleted = z.object({ id: z.string(), object: z.literal('dataset'), deleted: z.literal(true) });
export type DatasetDeleted = z.infer<typeof datasetDeleted>;

const shardFile = z.object({ file: z.string(), bytes: count, sha256: z.string(), url: z.string().meta({ description: 'An expiring link' }) });

/** A shard that is done. */
export const datasetShard = z.object({ id: z.string(), object: z.literal('dataset.shard'), number: count, count, successes: count, failed: count, dropped: count, tar: shardFile, table: shardFile, stats: shardFile.pick({ file: true, url: true }) }).meta({ id: 'DatasetShard' });
export type DatasetShard = z.infer<typeof datasetShard>;

export const datasetShardList = z.object({ object: z.literal('list'), data: z.array(datasetShard), has_more: z.boolean() }).meta({ id: 'DatasetShardList' });
export type DatasetShardList = z.infer<typeof datasetShardList>;
