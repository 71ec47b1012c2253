import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import { delivery, type Delivery, type DeliveryAttempt, type DeliveryStatus, type Webhook, type WebhookEvent } from '@slipstream/contracts';
import type { QueueKeys } from '../keys.js';
import { webhookScripts, type WebhookCommands } from './webhook-scripts.js';

/** One that is pending is kept longer than its next attempt can be away, by far. */
const pendingKeptMs = 7 * 86_400_000;

export interface Page {
  /** Id of the delivery that the page begins after. */
  readonly after?: string | undefined;
  readonly most: number;
}

/** What became of each event at each webhook. */
export class DeliveryLog {
  readonly #redis: Redis & WebhookCommands;
  readonly #keys: QueueKeys;
  readonly #keptMs: number;

  /** `ttlSeconds`: how long a delivery is kept from its end. */
  constructor(redis: Redis, keys: QueueKeys, { ttlSeconds }: { ttlSeconds: number }) {
    for (const [name, script] of Object.entries(webhookScripts)) redis.defineCommand(name, script);
    this.#redis = redis as Redis & WebhookCommands;
    this.#keys = keys;
    this.#keptMs = ttlSeconds * 1000;
  }

  /** Begins a delivery, once however often it is asked; its id. */
  async open(event: WebhookEvent, { id: webhook }: Pick<Webhook, 'id'>): Promise<string> {
    const id = `dlv_${createHash('sha256').update(`${event.id} ${webhook}`).digest('hex').slice(0, 32)}`;
    await this.#redis.openDelivery(this.#keys.delivery(id), this.#keys.deliveries(webhook), id, webhook, JSON.stringify(event), event.atMs, pendingKeptMs);
    return id;
  }

  async read(id: string): Promise<Delivery | undefined> {
    return toDelivery(id, await this.#redis.hgetall(this.#keys.delivery(id)));
  }

  /** Of one webhook, the latest event first; `more` tells whether others follow. One that is still tried may be older than many whose time is up: those are left out, and struck off. */
  async list(webhook: string, { after, most }: Page): Promise<{ deliveries: Delivery[]; more: boolean }> {
    const key = this.#keys.deliveries(webhook);
    const rank = after === undefined ? -1 : await this.#redis.zrevrank(key, after);
    if (rank === null) return { deliveries: [], more: false };
    const found: Delivery[] = [];
    let ids: string[];
    do {
      const from = rank + 1 + found.length;
      ids = await this.#redis.zrange(key, from, from + most, 'REV');
      const known = await Promise.all(ids.map((id) => this.read(id)));
      found.push(...known.filter((each) => each !== undefined));
      const gone = ids.filter((_id, index) => known[index] === undefined);
      if (gone.length > 0) await this.#redis.zrem(key, ...gone);
    } while (ids.length > most && found.length <= most);
    return { deliveries: found.slice(0, most), more: found.length > most };
  }

  /** Notes an attempt of this turn, and what follows: another one at a time, or the end. */
  async note({ id, turn }: Delivery, attempt: DeliveryAttempt, next: { status: DeliveryStatus; atMs?: number }): Promise<void> {
    const keptMs = next.status === 'pending' ? pendingKeptMs : this.#keptMs;
    await this.#redis.noteAttempt(this.#keys.delivery(id), turn, JSON.stringify(attempt), next.status, next.atMs ?? '', keptMs);
  }

  /** Begins it anew, from the first try on; its turn. */
  async beginAgain({ id, webhook }: Delivery): Promise<number | undefined> {
    return ((await this.#redis.beginAgain(this.#keys.delivery(id), this.#keys.deliveries(webhook), pendingKeptMs)) as number | null) ?? undefined;
  }
}

function toDelivery(id: string, hash: Record<string, string>): Delivery | undefined {
  if (hash['event'] === undefined) return undefined;
  const attempts = Array.from({ length: Number(hash['attempts']) }, (_, index) => JSON.parse(hash[`attempt:${index + 1}`]!) as unknown);
  return delivery.parse({
    id,
    webhook: hash['webhook'],
    event: JSON.parse(hash['event']),
    status: hash['status'],
    createdAtMs: Number(hash['createdAt']),
    ...(hash['nextAt'] !== undefined && { nextAttemptAtMs: Number(hash['nextAt']) }),
    attempts,
    turn: Number(hash['turn']),
    tries: Number(hash['tries']),
  });
}
