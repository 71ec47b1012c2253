import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import type { Webhook } from '@slipstream/contracts';
import { DeliveryConsumer, GenerationQueue, WebhookBook, type Answer, type DeliveryOptions } from '@slipstream/queue';
import { eventually, ownRedis } from '../harness/index.js';
import { makeJob } from '../queue/make-job.js';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const failed: Answer = { verdict: 'failed', attempt: { atMs: 1, seconds: 0.01, status: 500, fault: 'it answered 500' } };
const delivered: Answer = { verdict: 'delivered', attempt: { atMs: 1, seconds: 0.01, status: 200 } };

/** Webhooks of a prefix of its own, and generations that end at once. */
async function open(redisUrl = process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6379') {
  const shared = { redisUrl, prefix: `test-deliveries-${randomBytes(6).toString('hex')}`, logTtlSeconds: 60, recordTtlSeconds: 60 };
  const [queue, book] = [new GenerationQueue(shared), new WebhookBook(shared)];
  closing.push(async () => void (await Promise.all([queue.close(), book.close()])));
  await eventually(() => Promise.all([queue.check(), book.list('default')]).then(() => true), { what: 'Redis answers' });
  return {
    queue,
    book,
    async webhook(id: string): Promise<Webhook> {
      const webhook: Webhook = { id, tenant: 'default', url: `https://hooks.example/${id}`, events: ['generation.cancelled'], description: '', status: 'enabled', createdAtMs: 0, secrets: [{ secret: 'whsec_' }] };
      await book.add(webhook, 20);
      return webhook;
    },
    async event(): Promise<string> {
      const job = makeJob();
      await queue.enqueue(job);
      await queue.cancel(job.id);
      return job.id;
    },
    consume(send: DeliveryOptions['send'], options: Partial<DeliveryOptions> = {}): DeliveryConsumer {
      const consumer = new DeliveryConsumer({ ...shared, concurrency: 8, perWebhook: 2, delayMs: () => 10, lockDurationMs: 1_000, send, ...options });
      closing.push(() => consumer.close({ deadlineMs: 0 }));
      return consumer;
    },
  };
}

describe('deliveries', () => {
  it('are given up after the last try, with every attempt in the log', async () => {
    const { book, webhook, event, consume } = await open();
    const hook = await webhook('wh_1');
    await event();
    const tries: number[] = [];
    consume(async () => failed, { delayMs: (done) => (tries.push(done), done < 4 ? 10 : undefined) });
    const [given] = await eventually(async () => { const { deliveries } = await book.deliveries(hook, { most: 5 }); return deliveries[0]?.status === 'failed' && deliveries; }, { what: 'it is given up' });
    expect(given!.attempts).toHaveLength(4);
    expect(tries).toEqual([1, 2, 3, 4]);
  });

  it('wait out their time in Redis, whoever made the try before', async () => {
    const { book, webhook, event, consume } = await open();
    const hook = await webhook('wh_1');
    await event();
    const first = consume(async () => failed, { delayMs: () => 400 });
    const nextMs = await eventually(async () => (await book.deliveries(hook, { most: 1 })).deliveries[0]?.nextAttemptAtMs, { what: 'the next try has a time' });
    await first.close({ deadlineMs: 0 });
    const triedMs = await new Promise<number>((resolve) => consume(async () => (resolve(Date.now()), delivered)));
    expect(triedMs).toBeGreaterThanOrEqual(nextMs);
    await eventually(async () => (await book.deliveries(hook, { most: 1 })).deliveries[0]?.status === 'delivered', { what: 'it is delivered' });
  });

  it('that are still tried are found behind any number whose time in the log is up', async () => {
    const { book, webhook, event, consume } = await open();
    const hook = await webhook('wh_1');
    const first = await event();
    let sent = 0;
    consume(async ({ subject }) => ((sent += 1), subject === first ? failed : delivered), { delayMs: () => 60_000, logTtlSeconds: 0.2 });
    const list = async (most: number) => (await book.deliveries(hook, { most })).deliveries;
    await eventually(async () => (await list(1))[0]?.attempts.length, { what: 'the first is to be tried again' });
    for (let i = 0; i < 5; i++) await event();
    await eventually(() => sent === 6, { what: 'all are sent' });
    const found = await eventually(async () => { const page = await list(1); return page.length === 0 || (page[0]!.event.subject === first && page); }, { what: 'the others are out of it' });
    expect(found).toMatchObject([{ status: 'pending', event: { subject: first } }]);
  });

  it('are made again by another when their process is silent', async () => {
    const { webhook, event, consume } = await open();
    await webhook('wh_1');
    const id = await event();
    const seen: string[] = [];
    const dead = await new Promise<DeliveryConsumer>((taken) => {
      const consumer = consume(() => (taken(consumer), new Promise<Answer>(() => {}))); // takes it, and is never heard of again
    });
    await dead.close({ deadlineMs: 0 });
    consume(async ({ subject }) => (seen.push(subject), delivered));
    await eventually(() => seen.length > 0, { what: 'another makes it again' });
    expect(seen).toEqual([id]);
  });

  it('that are outstanding are counted by state, with the age of the oldest event that nobody took', async () => {
    const { book, webhook, event, consume } = await open();
    await webhook('wh_1');
    expect(await book.undelivered()).toEqual({ outbox: 0, outboxOldestSeconds: 0, waiting: 0, active: 0, delayed: 0 });
    await event();
    const { outboxOldestSeconds: first } = await eventually(async () => { const found = await book.undelivered(); return found.outboxOldestSeconds > 0.2 && found; }, { what: 'the event ages' });
    await event();
    expect(await book.undelivered()).toMatchObject({ outbox: 2, waiting: 0, outboxOldestSeconds: expect.toSatisfy((seconds: number) => seconds >= first) });
    const sending: ((answer: Answer) => void)[] = [];
    consume(() => new Promise((resolve) => sending.push(resolve)), { delayMs: () => 60_000 });
    await eventually(async () => sending.length === 2 && (await book.undelivered()).outbox === 0, { what: 'both are sent' });
    expect(await book.undelivered()).toEqual({ outbox: 0, outboxOldestSeconds: 0, waiting: 0, active: 2, delayed: 0 });
    for (const answer of sending) answer(failed);
    await eventually(async () => (await book.undelivered()).delayed === 2, { what: 'both are to be tried again' });
  });

  it('to a webhook that hangs leave room for those to others', async () => {
    const { webhook, event, consume } = await open();
    await Promise.all([webhook('wh_hangs'), webhook('wh_answers')]);
    for (let i = 0; i < 12; i++) await event();
    const to: Record<string, number> = {};
    const consumer = consume((_event, { id }, signal) => {
      to[id] = (to[id] ?? 0) + 1;
      return id === 'wh_answers' ? Promise.resolve(delivered) : new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
    });
    await eventually(() => to['wh_answers'] === 12, { what: 'the other hears everything' });
    expect(to['wh_hangs']).toBe(2);
    await consumer.close({ deadlineMs: 0 });
  });

  it('survive a Redis that is killed and comes back', async () => {
    const redis = await ownRedis({ appendOnly: true });
    closing.push(() => redis.dispose());
    await redis.start();
    const { webhook, event, consume } = await open(redis.url);
    await webhook('wh_1');
    const ids = [await event(), await event(), await event()];
    await redis.stop();
    const seen = new Set<string>();
    consume(async ({ subject }) => (seen.add(subject), delivered));
    await redis.start();
    await eventually(() => seen.size === 3, { what: 'all are delivered' });
    expect(seen).toEqual(new Set(ids));
  });
});
