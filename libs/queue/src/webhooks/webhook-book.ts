import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Delivery, Webhook } from '@slipstream/contracts';
import { queueKeys, type QueueKeys } from '../keys.js';
import { RedisLink, type OutageListener } from '../redis.js';
import { within } from '../within.js';
import { deliveryJob, deliveryQueue } from './delivery-job.js';
import { DeliveryLog, type Page } from './delivery-log.js';
import type { WebhookCommands } from './webhook-scripts.js';
import { WebhookStore } from './webhook-store.js';

export interface WebhookBookOptions extends OutageListener {
  readonly redisUrl: string;
  readonly prefix: string;
  /** How long a delivery is kept from its end. */
  readonly logTtlSeconds: number;
}

/** What has not been delivered. */
export interface Undelivered {
  /** Events that are not deliveries yet, and the age of the oldest; 0 without any. */
  readonly outbox: number;
  readonly outboxOldestSeconds: number;
  /** Deliveries that may be sent now, those being sent, and those whose next try is at a later time. */
  readonly waiting: number;
  readonly active: number;
  readonly delayed: number;
}

/**
 * The webhooks of all tenants and what was delivered to them. A tenant meets its own alone: another's id is unknown. Every
 * method fails within seconds with `queue_unavailable` while Redis is away.
 */
export class WebhookBook {
  readonly #link: RedisLink;
  readonly #store: WebhookStore;
  readonly #log: DeliveryLog;
  readonly #jobs: Queue;
  readonly #keys: QueueKeys;

  constructor({ redisUrl, prefix, logTtlSeconds, ...listener }: WebhookBookOptions) {
    const keys = (this.#keys = queueKeys(prefix));
    this.#link = new RedisLink(redisUrl, { role: 'producer', ...listener });
    this.#store = new WebhookStore(this.#link.redis, keys);
    this.#log = new DeliveryLog(this.#link.redis, keys, { ttlSeconds: logTtlSeconds });
    this.#jobs = new Queue(deliveryQueue, { connection: this.#link.redis, prefix, skipMetasUpdate: true });
    this.#jobs.on('error', () => {}); // the link tells
  }

  /** False where the tenant has `most` already. */
  async add(webhook: Webhook, most: number): Promise<boolean> {
    return this.#link.ask(() => this.#store.add(webhook, most));
  }

  async list(tenant: string): Promise<Webhook[]> {
    return this.#link.ask(() => this.#store.list(tenant));
  }

  async read(tenant: string, id: string): Promise<Webhook | undefined> {
    return this.#link.ask(() => this.#store.read(tenant, id));
  }

  /** `change` is asked again when another change came in between. */
  async update(tenant: string, id: string, change: (before: Webhook) => Webhook): Promise<Webhook | undefined> {
    return this.#link.ask(() => this.#store.update(tenant, id, change));
  }

  /** False where there was none. What is on its way to it is not sent any more. */
  async remove(tenant: string, id: string): Promise<boolean> {
    return this.#link.ask(() => this.#store.remove(tenant, id));
  }

  /** Of one webhook, the latest event first. */
  async deliveries(webhook: Webhook, page: Page): Promise<{ deliveries: Delivery[]; more: boolean }> {
    return this.#link.ask(() => this.#log.list(webhook.id, page));
  }

  async delivery(webhook: Webhook, id: string): Promise<Delivery | undefined> {
    const found = await this.#link.ask(() => this.#log.read(id));
    return found?.webhook === webhook.id ? found : undefined;
  }

  /** Sends it again now, under the id that it had, and goes on from the first try; whatever became of it before. */
  async redeliver(delivery: Delivery): Promise<Delivery | undefined> {
    return this.#link.ask(async () => {
      const turn = await this.#log.beginAgain(delivery);
      if (turn === undefined) return undefined;
      const { name, data, opts } = deliveryJob(delivery.id, turn);
      await this.#jobs.add(name, data, opts);
      return this.#log.read(delivery.id);
    });
  }

  /** Of all tenants. */
  async undelivered(): Promise<Undelivered> {
    return this.#link.ask(async () => {
      const redis = this.#link.redis as Redis & WebhookCommands;
      const [[outbox, oldestMs], counts] = await Promise.all([redis.lookAtOutbox(this.#keys.outbox) as Promise<[number, number]>, this.#jobs.getJobCounts('waiting', 'active', 'delayed')]);
      return { outbox, outboxOldestSeconds: oldestMs / 1000, waiting: counts['waiting'] ?? 0, active: counts['active'] ?? 0, delayed: counts['delayed'] ?? 0 };
    });
  }

  async close(): Promise<void> {
    await within(1_000, this.#jobs.close());
    this.#link.redis.disconnect();
  }
}
