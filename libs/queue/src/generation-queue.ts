import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { isSettled, type GenerationJob, type GenerationRecord } from '@slipstream/contracts';
import { Batch } from './batch.js';
import { Followers } from './followers.js';
import { queueName } from './keys.js';
import { RecordStore, type Backlog } from './record-store.js';
import { openSubscriber, RedisLink, type OutageListener } from './redis.js';
import { within } from './within.js';

export interface QueueOptions extends OutageListener {
  readonly redisUrl: string;
  /** Start of every key; queues of different prefixes never meet. */
  readonly prefix: string;
  /** How long a record is kept: from its making while it waits, from its end once settled. */
  readonly recordTtlSeconds: number;
}

/**
 * The gateway's side of the queue. Every method fails within seconds with `queue_unavailable` while Redis is away, and
 * works again once it is back.
 */
export class GenerationQueue {
  readonly #link: RedisLink;
  readonly #subscriber: Redis;
  readonly #queue: Queue;
  readonly #records: RecordStore;
  readonly #followers: Followers;
  readonly #arrivals: Batch<GenerationJob>;

  constructor(options: QueueOptions) {
    this.#link = new RedisLink(options.redisUrl, { role: 'producer', onError: options.onError, onRecovered: options.onRecovered });
    this.#subscriber = openSubscriber(options.redisUrl);
    this.#queue = new Queue(queueName, { connection: this.#link.redis, prefix: options.prefix, skipMetasUpdate: true });
    for (const source of [this.#subscriber, this.#queue]) source.on('error', () => {}); // the link tells
    this.#records = new RecordStore(this.#link.redis, { prefix: options.prefix, ttlSeconds: options.recordTtlSeconds });
    this.#followers = new Followers({ subscriber: this.#subscriber, commands: this.#link.redis, records: this.#records });
    this.#arrivals = new Batch((jobs) => this.#add(jobs));
  }

  /** Resolves once the job and its record are in Redis. Calls of one turn of the event loop share a round trip. */
  async enqueue(job: GenerationJob): Promise<void> {
    await this.#link.ask(() => this.#arrivals.push(job));
  }

  /** What is known of a generation; undefined for an id that never was or whose time is up. */
  async record(id: string): Promise<GenerationRecord | undefined> {
    return this.#link.ask(() => this.#records.read(id));
  }

  /**
   * Asks for a generation to stop and returns its record: `cancelled` when it was still waiting, `cancelling` when a
   * worker is at it (it stops at its next step), unchanged when it had settled before; undefined for an unknown id.
   */
  async cancel(id: string): Promise<GenerationRecord | undefined> {
    return this.#link.ask(async () => {
      const before = await this.#records.requestCancel(id);
      if (before !== undefined && !isSettled(before) && (await this.#queue.remove(id)) === 1) {
        const record = await this.#records.read(id);
        if (record) await this.#records.settle(record, { status: 'cancelled' });
      }
      return this.#records.read(id);
    });
  }

  /**
   * The settled record, as soon as there is one; undefined for an unknown id. Without a limit of its own: rejects with
   * the signal's reason when that aborts. Leaving does not cancel.
   */
  async follow(id: string, signal?: AbortSignal): Promise<GenerationRecord | undefined> {
    await this.#followers.settled(id, signal).catch((error: unknown) => {
      throw signal?.aborted ? error : this.#link.unavailable(error);
    });
    return this.record(id);
  }

  /** Failed generations whose records are still kept, the latest first, 100 by default. For operators. */
  async failed({ most = 100 } = {}): Promise<GenerationRecord[]> {
    return this.#link.ask(async () => {
      const records = await Promise.all((await this.#records.failed(most)).map((id) => this.#records.read(id)));
      return records.filter((record) => record !== undefined);
    });
  }

  /** Puts a failed generation into the queue again, as if it had never begun; false for one that has not failed. For operators. */
  async retry(id: string): Promise<boolean> {
    return this.#link.ask(async () => {
      if (await this.#queue.getJob(id)) return false; // its last worker is about to let go of it
      if (!(await this.#records.revive(id))) return false;
      const record = await this.#records.read(id);
      await this.#queue.add('generate', {}, { jobId: id, ...jobOptions });
      if (record) this.#records.count([record]).catch(() => {});
      return true;
    });
  }

  /** Work asked for and not finished, over all gateways and workers of this prefix. */
  async backlog(): Promise<Backlog> {
    return this.#link.ask(() => this.#records.backlog());
  }

  /** Resolves when Redis answers now. For readiness probes. */
  async check(): Promise<void> {
    await this.#link.ask(() => this.#link.redis.ping());
  }

  async close(): Promise<void> {
    this.#subscriber.disconnect();
    await within(1_000, this.#queue.close()); // it waits for a Redis that never answered
    this.#link.redis.disconnect();
  }

  /** Record first, on one connection: no worker can meet a job that has none. */
  async #add(jobs: readonly GenerationJob[]): Promise<void> {
    const bulk = jobs.map(({ id }) => ({ name: 'generate', data: {}, opts: { jobId: id, ...jobOptions } }));
    const [created, added] = await Promise.allSettled([this.#records.create(jobs), this.#queue.addBulk(bulk)]);
    if (created.status === 'fulfilled' && added.status === 'fulfilled') {
      this.#records.count(jobs).catch(() => {}); // a lost count is made good when the queue is next idle
      return;
    }
    this.#records.discard(jobs).catch(() => {}); // a job without a record is dropped by the worker that takes it
    throw created.status === 'rejected' ? created.reason : (added as PromiseRejectedResult).reason;
  }
}

/** Our records say when it is enough: BullMQ must never let go of a job whose record could not be written. */
const jobOptions = { attempts: Number.MAX_SAFE_INTEGER, backoff: 0 } as const;
