import type { BulkJobOptions } from 'bullmq';

/** Name of BullMQ's queue of data sets, beside the one of generations: whoever takes from both serves that one first. */
export const datasetQueue = 'datasets';

/** BullMQ's least urgent priority. */
const lastPriority = 2_097_151;

interface DatasetJob {
  readonly name: 'begin' | 'shard' | 'finish';
  readonly data: { readonly id: string; readonly shard?: number };
  readonly opts: BulkJobOptions;
}

const options = { attempts: 8, backoff: { type: 'exponential', delay: 500 }, removeOnComplete: true, removeOnFail: true } as const;

/** Puts the jobs of all shards into the queue; again it adds none. */
export const beginJob = (id: string): DatasetJob => ({ name: 'begin', data: { id }, opts: { ...options, jobId: `${id}.begin` } });

/** Shard n of every data set goes before shard n + 1 of any: a large one does not hold up a small one. */
export const shardJob = (id: string, shard: number): DatasetJob => ({ name: 'shard', data: { id, shard }, opts: { ...options, jobId: `${id}.${shard}`, priority: Math.min(lastPriority, shard + 1) } });

export const finishJob = (id: string): DatasetJob => ({ name: 'finish', data: { id }, opts: { ...options, jobId: `${id}.finish` } });
