import { Queue } from 'bullmq';
import type { DatasetRecord } from '@slipstream/contracts';
import { queueKeys } from '../keys.js';
import { RedisLink, type OutageListener } from '../redis.js';
import { within } from '../within.js';
import { beginJob, datasetQueue } from './dataset-jobs.js';
import { DatasetStore } from './dataset-store.js';

/**
 * The data sets of all tenants, as the gateway meets them. A tenant meets its own alone: another's id is unknown. Every
 * method fails within seconds with `queue_unavailable` while Redis is away.
 */
export class DatasetBook {
  readonly #link: RedisLink;
  readonly #store: DatasetStore;
  readonly #jobs: Queue;

  constructor({ redisUrl, prefix, ...listener }: OutageListener & { readonly redisUrl: string; readonly prefix: string }) {
    this.#link = new RedisLink(redisUrl, { role: 'producer', ...listener });
    this.#store = new DatasetStore(this.#link.redis, queueKeys(prefix));
    this.#jobs = new Queue(datasetQueue, { connection: this.#link.redis, prefix, skipMetasUpdate: true });
    this.#jobs.on('error', () => {}); // the link tells
  }

  /** Its parts and plan have to be in the store by then. The job goes first: without a record it is tried again, and then forgotten. */
  async add(dataset: Pick<DatasetRecord, 'id' | 'tenant' | 'plan' | 'createdAtMs'>): Promise<void> {
    await this.#link.ask(async () => {
      const { name, data, opts } = beginJob(dataset.id);
      await this.#jobs.add(name, data, opts);
      await this.#store.add(dataset);
    });
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

  async close(): Promise<void> {
    await within(1_000, this.#jobs.close());
    this.#link.redis.disconnect();
  }
}
