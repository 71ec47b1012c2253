import type { Redis } from 'ioredis';
import { z } from 'zod';
import { datasetPlan, datasetStatuses, errorReport, type DatasetEnd, type DatasetRecord, type DatasetStatus, type SlipstreamError } from '@slipstream/contracts';
import { additionIn, type Addition, type Idempotency } from '../idempotency.js';
import type { QueueKeys } from '../keys.js';
import { withDatasetScripts, type DatasetCommands } from './dataset-scripts.js';

/** How long an ended data set is known; its files stay. */
const endedTtlSeconds = 30 * 86_400;

/** A data set to be. */
export type NewDataset = Pick<DatasetRecord, 'id' | 'tenant' | 'plan' | 'faults' | 'createdAtMs'>;

/** What a data set is added under. */
export interface DatasetTerms {
  /** Of its tenant's that have not ended. */
  readonly most: number;
  readonly idempotency?: Idempotency | undefined;
  /** How long an idempotency key is known. */
  readonly keyTtlMs: number;
}

/** What making one shard has cost. */
export interface ShardDone {
  readonly samples: number;
  readonly fullSteps: number;
  readonly branchesRecalled: number;
}

/** Records of data sets. */
export class DatasetStore {
  readonly #redis: Redis & DatasetCommands;

  constructor(redis: Redis, private readonly keys: QueueKeys) {
    this.#redis = withDatasetScripts(redis);
  }

  /** Unless the same key made one before, or there are `most`. */
  async add({ id, tenant, plan, faults, createdAtMs }: NewDataset, { most, idempotency, keyTtlMs }: DatasetTerms): Promise<Addition<'openDatasets'>> {
    const { dataset, datasets, datasetsOpenOf, idempotency: named } = this.keys;
    const keys = [dataset(id), datasets(tenant), datasetsOpenOf(tenant), named(tenant, idempotency?.key ?? '')];
    return additionIn(await this.#redis.addDataset(...keys, id, tenant, JSON.stringify(plan), createdAtMs, most, idempotency?.fingerprint ?? '', keyTtlMs, dataset(''), JSON.stringify(faults)));
  }

  /** Of a tenant's, those that have not ended. */
  async open(tenant: string): Promise<number> {
    return this.#redis.scard(this.keys.datasetsOpenOf(tenant));
  }

  async read(id: string): Promise<DatasetRecord | undefined> {
    const hash = await this.#redis.hgetall(this.keys.dataset(id));
    return hash['plan'] === undefined ? undefined : recordOf(hash as Record<string, string>);
  }

  async status(id: string): Promise<DatasetStatus | undefined> {
    const status = await this.#redis.hget(this.keys.dataset(id), 'status');
    return datasetStatuses.find((known) => known === status);
  }

  /** The latest first, from after the one named; those that are forgotten are left out and off. An `after` that is no more ends the list. */
  async list(tenant: string, { after, most }: { after: string | undefined; most: number }): Promise<{ datasets: DatasetRecord[]; more: boolean }> {
    const ids = await this.#redis.zrevrange(this.keys.datasets(tenant), 0, -1);
    if (after !== undefined && !ids.includes(after)) return { datasets: [], more: false };
    const datasets: DatasetRecord[] = [];
    for (const id of ids.slice(after === undefined ? 0 : ids.indexOf(after) + 1)) {
      const record = await this.read(id);
      if (record) datasets.push(record);
      else await this.#redis.zrem(this.keys.datasets(tenant), id);
      if (datasets.length > most) break;
    }
    return { datasets: datasets.slice(0, most), more: datasets.length > most };
  }

  /** What the data set is now; `finalizing` when that was its last shard. */
  async finishShard({ id, plan }: Pick<DatasetRecord, 'id' | 'plan'>, shard: number, { samples, fullSteps, branchesRecalled }: ShardDone): Promise<string> {
    return this.#redis.finishShard(this.keys.dataset(id), this.keys.datasetShards(id), shard, samples, fullSteps, branchesRecalled, plan.shards);
  }

  /** False where it has ended before. Its tenant's webhooks are told. */
  async end(id: string, status: DatasetEnd, error?: SlipstreamError): Promise<boolean> {
    const { dataset, datasetShards, datasetsOpenOf, webhooks, outbox } = this.keys;
    return (await this.#redis.endDataset(dataset(id), datasetShards(id), webhooks(''), outbox, status, Date.now(), error ? JSON.stringify(error.toReport()) : '', endedTtlSeconds, datasetsOpenOf(''), id)) === 1;
  }

  /** Forgets one that has ended; its files are to be gone before. False where it has not. */
  async remove({ id, tenant }: Pick<DatasetRecord, 'id' | 'tenant'>): Promise<boolean> {
    const { dataset, datasetShards, datasets } = this.keys;
    return (await this.#redis.removeDataset(dataset(id), datasetShards(id), datasets(tenant), id)) === 1;
  }

  /** The numbers of at most so many shards that are done, from a number on. */
  async doneShards({ id, plan }: Pick<DatasetRecord, 'id' | 'plan'>, from: number, most: number): Promise<number[]> {
    const bits = (await this.#redis.getBuffer(this.keys.datasetShards(id))) ?? Buffer.alloc(0);
    const done: number[] = [];
    for (let shard = from; shard < plan.shards && done.length < most; shard += 1) if (((bits[shard >> 3] ?? 0) >> (7 - (shard & 7))) & 1) done.push(shard);
    return done;
  }
}

function recordOf({ id, tenant, plan, faults, createdAtMs, status, endedAtMs, error, ...counts }: Record<string, string>): DatasetRecord {
  const count = (name: string): number => Number(counts[name] ?? 0);
  return {
    id: id!, tenant: tenant!, plan: datasetPlan.parse(JSON.parse(plan!)), createdAtMs: Number(createdAtMs), status: status as DatasetStatus, faults: z.array(z.string()).parse(JSON.parse(faults ?? '[]')),
    ...(endedAtMs && { endedAtMs: Number(endedAtMs), expiresAtMs: Number(endedAtMs) + endedTtlSeconds * 1000 }), ...(error && { error: errorReport.parse(JSON.parse(error)) }),
    shardsDone: count('shardsDone'), samplesDone: count('samplesDone'), fullSteps: count('fullSteps'), branchesRecalled: count('branchesRecalled'),
  };
}
