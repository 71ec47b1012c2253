import type { Redis } from 'ioredis';
import type { GenerationJob, GenerationRecord } from '@slipstream/contracts';
import { Batch } from './batch.js';
import { Dispatcher } from './dispatcher.js';
import { Door, type Admission, type Terms } from './door.js';
import { Followers } from './followers.js';
import { madeBefore, type Idempotency, type Repeat } from './idempotency.js';
import { listGenerations, type ListPage, type ListQuery } from './list-generations.js';
import { RecordStore, type Backlog } from './record-store.js';
import { Watchers, type Snapshot } from './watchers.js';
import { openSubscriber, RedisLink, type OutageListener } from './redis.js';

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
  readonly #records: RecordStore;
  readonly #followers: Followers;
  readonly #watchers: Watchers;
  readonly #dispatcher: Dispatcher;
  readonly #arrivals: Batch<{ job: GenerationJob; terms: Terms }, Admission | Error>;

  constructor(options: QueueOptions) {
    this.#link = new RedisLink(options.redisUrl, { role: 'producer', onError: options.onError, onRecovered: options.onRecovered });
    this.#subscriber = openSubscriber(options.redisUrl);
    this.#subscriber.on('error', () => {}); // the link tells
    const own = { prefix: options.prefix, ttlSeconds: options.recordTtlSeconds };
    this.#records = new RecordStore(this.#link.redis, own);
    this.#dispatcher = new Dispatcher({ link: this.#link, records: this.#records });
    this.#followers = new Followers({ subscriber: this.#subscriber, commands: this.#link.redis, records: this.#records });
    this.#watchers = new Watchers({ subscriber: this.#subscriber, commands: this.#link.redis, records: this.#records });
    const door = new Door(this.#link.redis, own);
    this.#arrivals = new Batch((asks) => door.admit(asks).finally(() => this.#dispatcher.kick()));
  }

  /**
   * Resolves once the job waits in Redis, or is refused there: one script decides, keeps and counts it, so that no crash
   * leaves a part of that. Calls of one turn of the event loop share a round trip.
   */
  async enqueue(job: GenerationJob, terms: Terms = {}): Promise<Admission> {
    return this.#link.ask(async () => {
      const admission = await this.#arrivals.push({ job, terms });
      if (admission instanceof Error) throw admission;
      return admission;
    });
  }

  /** What this key made before. */
  async made(tenant: string, { key, fingerprint }: Idempotency): Promise<Repeat | undefined> {
    return this.#link.ask(() => madeBefore(this.#link.redis, this.#records.keys.idempotency(tenant, key), fingerprint));
  }

  /** What is known of a generation; undefined for an id that never was or whose time is up. */
  async record(id: string): Promise<GenerationRecord | undefined> {
    return this.#link.ask(() => this.#records.read(id));
  }

  /**
   * Asks for a generation to stop and returns its record: `cancelled` when no worker had it, `cancelling` when a
   * worker is at it (it stops at its next step), unchanged when it had settled before; undefined for an unknown id.
   */
  async cancel(id: string): Promise<GenerationRecord | undefined> {
    return this.#link.ask(async () => {
      await this.#records.cancel(id);
      const record = await this.#records.read(id);
      if (record?.status === 'cancelled') await this.#dispatcher.remove(id);
      return record;
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

  /**
   * What is known of a generation now, and again when that has changed, until it has settled; nothing for an unknown id.
   * Whoever takes long to ask for the next is given the latest, not all between. Throws the signal's reason, `queue_unavailable`.
   */
  async *watch(id: string, signal: AbortSignal): AsyncGenerator<Snapshot> {
    try {
      yield* this.#watchers.watch(id, signal);
    } catch (error) {
      throw signal.aborted ? error : this.#link.unavailable(error);
    }
  }

  /** A tenant's generations that are still known, the latest first. */
  async list(tenant: string, query: ListQuery): Promise<ListPage> {
    return this.#link.ask(() => listGenerations(tenant, query, { redis: this.#link.redis, records: this.#records }));
  }

  /** Forgets a generation that has settled; its pictures are whoever's who stored them. */
  async remove(id: string): Promise<'deleted' | 'unsettled' | 'missing'> {
    return this.#link.ask(() => this.#records.remove(id));
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
      if (await this.#dispatcher.has(id)) return false; // its last worker is about to let go of it
      if (!(await this.#records.revive(id))) return false;
      this.#dispatcher.kick();
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
    await this.#dispatcher.close();
    this.#link.redis.disconnect();
  }
}
