import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../harness/index.js';
import { makeJob } from './make-job.js';
import { openPair, resultOf, untilStopped, type QueuePair } from './queue-pair.js';

/** What Redis shows of a worker that died or fell silent, laid there by hand. */
describe('a job whose worker is lost', () => {
  let pair: QueuePair;
  let redis: Redis;
  beforeEach(async () => {
    pair = openPair();
    redis = new Redis(pair.redisUrl);
    await eventually(() => pair.queue.check().then(() => true), { what: 'Redis answers' });
  });
  afterEach(async () => {
    await pair.close();
    redis.disconnect();
  });
  const bullKey = (id: string): string => `${pair.prefix}:generations:${id}`;

  it('stops where its lock has run out, and runs again', async () => {
    const job = makeJob();
    let runs = 0;
    pair.consume(async (given, { signal }) => ((runs += 1) === 1 ? untilStopped(signal) : resultOf(given)), { lockDurationMs: 1_000 });
    await pair.queue.enqueue(job);
    await eventually(async () => runs === 1 && (await redis.del(`${bullKey(job.id)}:lock`)) === 1, { what: 'the lock is gone' });
    expect((await pair.queue.follow(job.id, AbortSignal.timeout(20_000)))?.status).toBe('completed');
    expect(pair.reports.map(({ outcome }) => outcome)).toEqual(['lost', 'completed']);
    expect(runs).toBe(2);
  });

  it('fails by name once every worker that took it was lost', async () => {
    const job = makeJob();
    await pair.queue.enqueue(job);
    await eventually(async () => (await redis.exists(bullKey(job.id))) === 1, { what: 'the job is in BullMQ' });
    await redis.hset(bullKey(job.id), 'defa', 'job stalled more than allowable limit');
    let runs = 0;
    pair.consume(async (given) => ((runs += 1), resultOf(given)));
    expect(await pair.queue.follow(job.id, AbortSignal.timeout(10_000))).toMatchObject({ status: 'failed', error: { code: 'worker_lost' } });
    expect(runs).toBe(0);
  });

  it('settles once: the first end stays, whatever a late worker brings', async () => {
    const job = makeJob();
    let release = (): void => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    pair.consume(async (given) => (await held, resultOf(given)));
    await pair.queue.enqueue(job);
    await eventually(async () => (await pair.queue.record(job.id))?.status === 'in_progress', { what: 'the job runs' });
    await redis.hset(`${pair.prefix}:generation:${job.id}`, 'status', 'failed', 'error', JSON.stringify({ code: 'worker_lost', message: 'm' }));
    release();
    await eventually(() => pair.reports.length === 1, { what: 'the worker is done' });
    expect(pair.reports[0]!.outcome).toBe('lost');
    expect(await pair.queue.record(job.id)).toMatchObject({ status: 'failed', pictures: [] });
  });
});
