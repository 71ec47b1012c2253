import { createHash } from 'node:crypto';
import type { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { webhookEvent, type WebhookEvent } from '@slipstream/contracts';
import type { QueueKeys } from '../keys.js';
import type { DeliveryLog } from './delivery-log.js';
import { deliveryJob } from './delivery-job.js';
import type { WebhookCommands } from './webhook-scripts.js';
import type { WebhookStore } from './webhook-store.js';

/** Events that were taken and are not gone by then are taken again: whoever took them is gone. */
const leaseMs = 10_000;
const mostAtOnce = 100;

export interface OutboxParts {
  readonly redis: Redis;
  readonly keys: QueueKeys;
  readonly store: WebhookStore;
  readonly log: DeliveryLog;
  readonly jobs: Queue;
}

/**
 * Makes deliveries of events. The script that settles a generation, a batch or a data set puts its event here in the same moment, so none is lost;
 * here each becomes a delivery and a job for every webhook that wants it, and is struck off only then. All of it may be done
 * twice, and makes nothing new the second time.
 */
export class Outbox {
  constructor(private readonly parts: OutboxParts) {}

  /** As many as are there; whether there may be more. */
  async empty(): Promise<boolean> {
    const { redis, keys } = this.parts;
    const entries = (await (redis as Redis & WebhookCommands).takeEvents(keys.outbox, leaseMs, mostAtOnce)) as string[];
    if (entries.length === 0) return false;
    const jobs = await Promise.all(entries.map((entry) => this.#deliveriesOf(eventOf(entry))));
    await this.parts.jobs.addBulk(jobs.flat().map((id) => deliveryJob(id, 1)));
    await redis.zrem(keys.outbox, ...entries);
    return entries.length === mostAtOnce;
  }

  async #deliveriesOf(event: WebhookEvent): Promise<string[]> {
    const webhooks = await this.parts.store.list(event.tenant);
    const wanted = webhooks.filter(({ status, events }) => status === 'enabled' && events.includes(event.type));
    return Promise.all(wanted.map((webhook) => this.parts.log.open(event, webhook)));
  }
}

/** An entry is the event: its type, subject, tenant and time. The same entry is the same event. */
export function eventOf(entry: string): WebhookEvent {
  const [type, subject, tenant, atMs] = entry.split(' ');
  return webhookEvent.parse({ id: `evt_${createHash('sha256').update(entry).digest('hex').slice(0, 32)}`, type, subject, tenant, atMs: Number(atMs) });
}
