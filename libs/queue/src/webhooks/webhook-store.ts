import type { Redis } from 'ioredis';
import { webhook, type Webhook } from '@slipstream/contracts';
import type { QueueKeys } from '../keys.js';
import { webhookScripts, type WebhookCommands } from './webhook-scripts.js';

/** The webhooks of each tenant: one hash, so that whether a tenant has any is one look. */
export class WebhookStore {
  readonly #redis: Redis & WebhookCommands;
  readonly #keys: QueueKeys;

  constructor(redis: Redis, keys: QueueKeys) {
    for (const [name, script] of Object.entries(webhookScripts)) redis.defineCommand(name, script);
    this.#redis = redis as Redis & WebhookCommands;
    this.#keys = keys;
  }

  /** False where the tenant has `most` already. */
  async add(given: Webhook, most: number): Promise<boolean> {
    return (await this.#redis.addWebhook(this.#keys.webhooks(given.tenant), given.id, JSON.stringify(given), most)) === 1;
  }

  /** Oldest first. */
  async list(tenant: string): Promise<Webhook[]> {
    const found = (await this.#redis.hvals(this.#keys.webhooks(tenant))).map(parsed);
    return found.sort((one, other) => one.createdAtMs - other.createdAtMs || (one.id < other.id ? -1 : 1));
  }

  async read(tenant: string, id: string): Promise<Webhook | undefined> {
    const text = await this.#redis.hget(this.#keys.webhooks(tenant), id);
    return text === null ? undefined : parsed(text);
  }

  /** As it is after the change, which is asked again when another one came in between; undefined where there is none. */
  async update(tenant: string, id: string, change: (before: Webhook) => Webhook): Promise<Webhook | undefined> {
    for (;;) {
      const text = await this.#redis.hget(this.#keys.webhooks(tenant), id);
      if (text === null) return undefined;
      const after = change(parsed(text));
      if ((await this.#redis.swapWebhook(this.#keys.webhooks(tenant), id, text, JSON.stringify(after))) === 1) return after;
    }
  }

  async remove(tenant: string, id: string): Promise<boolean> {
    await this.#redis.unlink(this.#keys.deliveries(id));
    return (await this.#redis.hdel(this.#keys.webhooks(tenant), id)) === 1;
  }
}

const parsed = (text: string): Webhook => webhook.parse(JSON.parse(text));
