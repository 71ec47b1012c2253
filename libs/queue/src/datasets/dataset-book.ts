import { Queue } from 'bullmq';
import type { DatasetRecord } from '@slipstream/contracts';
import { madeBefore, type Addition, type Idempotency, type Repeat } from '../idempotency.js';
import { queueKeys, type QueueKeys } from '../keys.js';
import { RedisLink, type OutageListener } from '../redis.js';
import { within } from '../within.js';
import { beginJob, datasetQueue } from './dataset-jobs.js';
import { DatasetStore, type DatasetTerms, type NewDataset } from './dataset-store.js';

export interface DatasetBookOptions extends OutageListener {
  readonly redisUrl: string;
  readonly prefix: string;
  /** How long an idempotency key is known, default a day. */
  readonly keyTtlSeconds?: number;
}

/**
 * The data sets of all tenants, as the gateway meets them. A tenant meets its own alone: another's id is unknown. Every
 * method fails within seconds with `queue_unavailable` while Redis is away.
 */
export class DatasetBook {
  readonly #link: RedisLink;
  readonly #store: DatasetStore;
  readonly #jobs: Queue;
  readonly #keys: QueueKeys;
  readonly #keyTtlMs: number;

  constructor({ redisUrl, prefix, keyTtlSeconds = 86_400, ...listener }: DatasetBookOptions) {
    this.#keys = queueKeys(prefix);
    this.#keyTtlMs = keyTtlSeconds * 1000;
    this.#link = new RedisLink(redisUrl, { role: 'producer', ...listener });
    this.#store = new DatasetStore(this.#link.redis, this.#keys);
    this.#jobs = new Queue(datasetQueue, { connection: this.#link.redis, prefix, skipMetasUpdate: true });
    this.#jobs.on('error', () => {}); // the link tells
  }

  /** Its parts and plan have to be in the store by then. The job goes first: without a record it is tried again, and then forgotten. */
  async add(dataset: NewDataset, terms: Omit<DatasetTerms, 'keyTtlMs'>): Promise<Addition<'openDatasets'>> {
    return this.#link.ask(async () => {
      const { name, data, opts } = beginJob(dataset.id);
      await this.#jobs.add(name, data, opts);
      const addition = await this.#store.add(dataset, { ...terms, keyTtlMs: this.#keyTtlMs });
      if (addition.verdict !== 'added') await this.#jobs.remove(opts.jobId!).catch(() => {}); // one that a worker has finds no record
      return addition;
    });
  }

  /** What this key made before. */
  async made(tenant: string, { key, fingerprint }: Idempotency): Promise<Repeat | undefined> {
    return this.#link.ask(() => madeBefore(this.#link.redis, this.#keys.idempotency(tenant, key), fingerprint));
  }

  /** How many of a tenant's have not ended. */
  async open(tenant: string): Promise<number> {
    return this.#link.ask(() => this.#store.open(tenant));
  }

  async read(tenant: string, id: string): Promise<DatasetRecord | undefined> {
    const found = await this.#link.ask(() => this.#store.read(id));
    return found?.tenant === tenant ? found : undefined;
  }

  async list(tenant: string, page: { after: string | undefined; most: number }): Promise<{ datasets: DatasetRecord[]; more: boolean }> {
    return this.#link.ask(() => this.#store.list(tenant, page));
  }

  async doneShards(dataset: DatasetRecord, from: number, most: number): Promise<number[]> {
    return this.#link.ask(() => this.#store.doneShards(dataset, from, most));
  }

  /** False where it has ended before. Workers stop at their next sample; the shards that are done stay. */
  async cancel({ id }: DatasetRecord): Promise<boolean> {
    return this.#link.ask(() => this.#store.end(id, 'cancelled'));
  }

  /** Forgets one that has ended; its files are to be gone before. False where it has not. */
  async remove(dataset: DatasetRecord): Promise<boolean> {
    return this.#link.ask(() => this.#store.remove(dataset));
  }

  async close(): Promise<void> {
    await within(1_000, this.#jobs.close());
    this.#link.redis.disconnect();
  }
}
