import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { batchOrder, batchRecord, batchStatuses, type BatchOrder, type BatchRecord, type BatchStatus } from '@slipstream/contracts';
import { additionIn, madeBefore, type Addition, type Idempotency, type Repeat } from '../idempotency.js';
import { queueKeys, type QueueKeys } from '../keys.js';
import { RedisLink, type OutageListener } from '../redis.js';
import { BatchLease } from './batch-lease.js';
import { batchScripts, type BatchCommands } from './batch-scripts.js';

export interface BatchBookOptions extends OutageListener {
  readonly redisUrl: string;
  readonly prefix: string;
  /** How long a batch is known from its end. */
  readonly keepSeconds: number;
  /** How long an idempotency key is known, default a day. */
  readonly keyTtlSeconds?: number;
  /** A gateway that is silent for so long drives a batch no more; default 10 s. */
  readonly leaseMs?: number;
}

/** Lines of a batch that are done, in the order of the input file. */
export interface BatchPart {
  /** Lines that were done before these. */
  readonly before: number;
  /** Lines and bytes of the input file that are done with these. */
  readonly lines: number;
  readonly bytes: number;
  readonly completed: number;
  readonly failed: number;
  readonly tokens: BatchRecord['tokens'];
  /** Storage keys of what came of them, where anything did. */
  readonly outputKey?: string | undefined;
  readonly errorKey?: string | undefined;
}

/**
 * The batches of all tenants. A tenant meets its own alone. Every method fails within seconds with `queue_unavailable` while
 * Redis is away.
 */
export class BatchBook {
  readonly #link: RedisLink;
  readonly #keys: QueueKeys;
  readonly #leaseMs: number;
  readonly #keepMs: number;
  readonly #keyTtlMs: number;

  constructor({ redisUrl, prefix, keepSeconds, keyTtlSeconds = 86_400, leaseMs = 10_000, ...listener }: BatchBookOptions) {
    this.#keys = queueKeys(prefix);
    this.#leaseMs = leaseMs;
    this.#keepMs = keepSeconds * 1000;
    this.#keyTtlMs = keyTtlSeconds * 1000;
    this.#link = new RedisLink(redisUrl, { role: 'producer', ...listener });
    for (const [name, script] of Object.entries(batchScripts)) this.#link.redis.defineCommand(name, script);
  }

  /** Unless the same key made one before, or the tenant has `most` that have not ended. */
  async add(order: BatchOrder, { most, idempotency }: { most: number; idempotency?: Idempotency | undefined }): Promise<Addition<'openBatches'>> {
    const { id, tenant, createdAtMs } = order;
    const { batch, batches, batchesOpen, batchesOpenOf, idempotency: named } = this.#keys;
    const keys = [batch(id), batches(tenant), batchesOpen, batchesOpenOf(tenant), named(tenant, idempotency?.key ?? '')];
    return additionIn(await this.#link.ask(() => this.#redis.addBatch(...keys, id, JSON.stringify(order), createdAtMs, most, idempotency?.fingerprint ?? '', this.#keyTtlMs, batch(''))));
  }

  /** What this key made before. */
  async made(tenant: string, { key, fingerprint }: Idempotency): Promise<Repeat | undefined> {
    return this.#link.ask(() => madeBefore(this.#redis, this.#keys.idempotency(tenant, key), fingerprint));
  }

  /** Undefined for another tenant's. */
  async read(tenant: string, id: string): Promise<BatchRecord | undefined> {
    const found = await this.#link.ask(() => this.#read(id));
    return found?.tenant === tenant ? found : undefined;
  }

  /** The latest first; `more` tells whether others follow. */
  async list(tenant: string, { after, most }: { after?: string | undefined; most: number }): Promise<{ batches: BatchRecord[]; more: boolean }> {
    return this.#link.ask(async () => {
      const key = this.#keys.batches(tenant);
      await this.#redis.zremrangebyscore(key, '-inf', Date.now() - this.#keepMs - 2 * 86_400_000); // none is known for so long
      const rank = after === undefined ? -1 : await this.#redis.zrevrank(key, after);
      if (rank === null) return { batches: [], more: false };
      const ids = await this.#redis.zrange(key, rank + 1, rank + 1 + most, 'REV');
      const found = await Promise.all(ids.slice(0, most).map((id) => this.#read(id)));
      return { batches: found.filter((each) => each !== undefined), more: ids.length > most };
    });
  }

  /** Asks for a batch of this tenant's to stop, where that makes a difference; its status then. */
  async cancel(id: string): Promise<BatchStatus | undefined> {
    return this.#link.ask(async () => ((await this.#redis.cancelBatch(this.#keys.batch(id), Date.now())) as BatchStatus | null) ?? undefined);
  }

  /** A batch that is to be gone on with and that nobody drives. */
  async take(): Promise<BatchLease | undefined> {
    const owner = randomUUID();
    return this.#link.ask(async () => {
      const id = (await this.#redis.takeBatch(this.#keys.batchesOpen, owner, this.#keys.batch(''), this.#leaseMs)) as string | null;
      const batch = id === null ? undefined : await this.#read(id);
      return batch && new BatchLease({ batch, owner, link: this.#link, keys: this.#keys, leaseMs: this.#leaseMs, keepMs: this.#keepMs });
    });
  }

  async close(): Promise<void> {
    this.#link.redis.disconnect();
  }

  async #read(id: string): Promise<BatchRecord | undefined> {
    return toRecord(await this.#redis.hgetall(this.#keys.batch(id)));
  }

  get #redis(): Redis & BatchCommands {
    return this.#link.redis as Redis & BatchCommands;
  }
}

function toRecord(hash: Record<string, string>): BatchRecord | undefined {
  if (hash['order'] === undefined) return undefined;
  const number = (field: string): number => Number(hash[field] ?? 0);
  return batchRecord.parse({
    ...batchOrder.parse(JSON.parse(hash['order'])),
    status: hash['status'],
    atMs: Object.fromEntries(batchStatuses.filter((status) => hash[`${status}At`] !== undefined).map((status) => [status, number(`${status}At`)])),
    counts: { total: number('total'), completed: number('completed'), failed: number('failed') },
    tokens: { input: number('inputTokens'), output: number('outputTokens') },
    done: { lines: number('lines'), bytes: number('bytes') },
    ending: hash['ending'],
    outputFile: hash['outputFile'],
    errorFile: hash['errorFile'],
    faults: hash['faults'] === undefined ? undefined : JSON.parse(hash['faults']),
  });
}
