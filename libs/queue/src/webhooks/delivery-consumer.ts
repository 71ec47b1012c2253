import { DelayedError, Queue, Worker, type Job } from 'bullmq';
import type { Delivery, DeliveryAttempt, SlipstreamError, Webhook, WebhookEvent } from '@slipstream/contracts';
import { queueKeys } from '../keys.js';
import { RedisLink, type OutageListener } from '../redis.js';
import { within } from '../within.js';
import { deliveryOf, deliveryQueue } from './delivery-job.js';
import { DeliveryLog } from './delivery-log.js';
import { Outbox } from './outbox.js';
import { Slots } from './slots.js';
import { WebhookStore } from './webhook-store.js';

/** What one attempt came to; `gone` disables the webhook. */
export interface Answer {
  readonly attempt: DeliveryAttempt;
  readonly verdict: 'delivered' | 'failed' | 'gone';
  /** Until when the receiver asked to be left alone. */
  readonly retryAfterMs?: number | undefined;
}

export interface DeliveryOptions extends OutageListener {
  readonly redisUrl: string;
  readonly prefix: string;
  /** How long a delivery is kept from its end. */
  readonly logTtlSeconds: number;
  /** Attempts under way at a time, and those to one webhook: a slow one leaves room for the others. */
  readonly concurrency: number;
  readonly perWebhook: number;
  /** Sends the event and never rejects but with the signal's reason. */
  send(event: WebhookEvent, webhook: Webhook, signal: AbortSignal): Promise<Answer>;
  /** Until the next try after so many in vain; undefined when it is enough. */
  delayMs(tries: number, answer: Answer): number | undefined;
  readonly onAnswer?: (outcome: 'delivered' | 'retried' | 'failed' | 'gone', answer: Answer, webhook: Webhook) => void;
  readonly onError?: (error: SlipstreamError) => void;
  /** A process that is silent for so long has lost its deliveries, default 10 s; they are tried again by another. */
  readonly lockDurationMs?: number;
}

const outboxIntervalMs = 500;

/** Sends what the outbox and the log hold, at least once, whoever is killed when. */
export class DeliveryConsumer {
  readonly #options: DeliveryOptions;
  readonly #link: RedisLink;
  readonly #store: WebhookStore;
  readonly #log: DeliveryLog;
  readonly #outbox: Outbox;
  readonly #jobs: Queue;
  readonly #worker: Worker;
  readonly #timer: NodeJS.Timeout;
  readonly #slots: Slots;
  readonly #stopping = new AbortController();
  #emptying: Promise<void> | undefined;

  /** Starts as soon as Redis answers, however long that takes. */
  constructor(options: DeliveryOptions) {
    const { redisUrl, prefix, logTtlSeconds, lockDurationMs = 10_000 } = options;
    const keys = queueKeys(prefix);
    this.#options = options;
    this.#slots = new Slots(options.perWebhook);
    this.#link = new RedisLink(redisUrl, { role: 'consumer', onError: options.onError, onRecovered: options.onRecovered });
    const { redis } = this.#link;
    this.#store = new WebhookStore(redis, keys);
    this.#log = new DeliveryLog(redis, keys, { ttlSeconds: logTtlSeconds });
    this.#jobs = new Queue(deliveryQueue, { connection: redis, prefix, skipMetasUpdate: true });
    this.#jobs.on('error', () => {}); // the link tells
    this.#outbox = new Outbox({ redis, keys, store: this.#store, log: this.#log, jobs: this.#jobs });
    this.#worker = new Worker(deliveryQueue, (job, token) => this.#process(job, token!), {
      connection: redis,
      prefix,
      concurrency: options.concurrency,
      lockDuration: lockDurationMs,
      stalledInterval: lockDurationMs / 5,
      maxStalledCount: Number.MAX_SAFE_INTEGER, // the log counts
      runRetryDelay: 1_000,
    });
    this.#worker.on('error', (error) => this.#report(error));
    this.#timer = setInterval(() => this.kick(), outboxIntervalMs).unref();
  }

  /** There may be events in the outbox. */
  kick(): void {
    if (!this.#link.ready || this.#stopping.signal.aborted) return;
    this.#emptying ??= this.#empty().catch((error: Error) => this.#report(error)).finally(() => (this.#emptying = undefined));
  }

  /** Takes nothing more, lets attempts end until the deadline, then drops them: whoever comes next makes them again. */
  async close({ deadlineMs }: { deadlineMs: number }): Promise<void> {
    clearInterval(this.#timer);
    const idle = this.#worker.close();
    await within(deadlineMs, idle);
    this.#stopping.abort();
    await within(1_000, Promise.all([idle, this.#emptying]));
    await within(1_000, this.#jobs.close());
    this.#link.redis.disconnect();
  }

  async #empty(): Promise<void> {
    while (await this.#outbox.empty());
  }

  /** Two parameters on purpose: the signal that a job gets is ours. */
  async #process(job: Job, token: string): Promise<void> {
    const { id, turn } = deliveryOf(job.id!);
    const delivery = await this.#log.read(id);
    if (delivery?.status !== 'pending' || delivery.turn !== turn) return; // a later turn has it, or it has ended
    if ((delivery.nextAttemptAtMs ?? 0) > Date.now()) return later(job, token, delivery.nextAttemptAtMs!);
    const webhook = await this.#store.read(delivery.event.tenant, delivery.webhook);
    if (webhook?.status !== 'enabled') return this.#log.note(delivery, unsent(webhook), { status: 'failed' });
    const slot = this.#slots.enter(webhook.id);
    if (slot !== 'free') return later(job, token, slot);
    const nextMs = await this.#attempt(delivery, webhook);
    if (nextMs !== undefined) await later(job, token, nextMs);
  }

  /** One try, and the time of the next where there is to be one. */
  async #attempt(delivery: Delivery, webhook: Webhook): Promise<number | undefined> {
    const answer = await this.#send(delivery.event, webhook);
    const delay = answer.verdict === 'failed' ? this.#options.delayMs(delivery.tries + 1, answer) : undefined;
    const nextMs = delay === undefined ? undefined : Date.now() + delay;
    if (answer.verdict === 'gone') await this.#disable(webhook);
    const status = answer.verdict === 'delivered' ? 'delivered' : nextMs === undefined ? 'failed' : 'pending';
    await this.#log.note(delivery, answer.attempt, { status, ...(nextMs !== undefined && { atMs: nextMs }) });
    this.#options.onAnswer?.(status === 'pending' ? 'retried' : answer.verdict, answer, webhook);
    return nextMs;
  }

  async #send(event: WebhookEvent, webhook: Webhook): Promise<Answer> {
    const startedMs = performance.now();
    try {
      return await this.#options.send(event, webhook, this.#stopping.signal);
    } finally {
      this.#slots.leave(webhook.id, performance.now() - startedMs);
    }
  }

  async #disable({ tenant, id }: Webhook): Promise<void> {
    await this.#store.update(tenant, id, (before) => ({ ...before, status: 'disabled', disabledReason: 'its receiver answered 410 Gone' }));
  }

  #report(error: Error): void {
    if (this.#link.ready && !this.#stopping.signal.aborted) this.#options.onError?.(this.#link.unavailable(error));
  }
}

const unsent = (webhook: Webhook | undefined): DeliveryAttempt => ({ atMs: Date.now(), seconds: 0, fault: webhook ? 'the webhook is disabled' : 'the webhook was deleted' });

async function later(job: Job, token: string, atMs: number): Promise<never> {
  await job.moveToDelayed(atMs, token);
  throw new DelayedError();
}
