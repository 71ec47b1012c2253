import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TcpProxy } from '../../chaos/tcp-proxy.js';
import { eventually } from '../harness/index.js';
import { makeJob } from './make-job.js';
import { openPair, resultOf, type QueuePair } from './queue-pair.js';

describe('connections to Redis whose other half is gone', { timeout: 60_000 }, () => {
  let proxy: TcpProxy;
  let pair: QueuePair;
  beforeEach(async () => {
    const redis = new URL(process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6379');
    proxy = await TcpProxy.before(Number(redis.port));
    redis.port = String(proxy.port);
    pair = openPair({ redisUrl: redis.href });
    await eventually(() => pair.queue.check().then(() => true), { what: 'Redis answers' });
  });
  afterEach(async () => {
    await pair.close();
    await proxy.close();
  });

  it('are given up by gateway and worker, which go on over new ones', async () => {
    const [before, during, after] = [makeJob(), makeJob(), makeJob()];
    let release = (): void => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    pair.consume(async (job) => {
      if (job.id === during.id) await held;
      return resultOf(job);
    });
    await pair.queue.enqueue(before);
    await pair.queue.follow(before.id, AbortSignal.timeout(10_000));
    await pair.queue.enqueue(during);
    const followed = pair.queue.follow(during.id, AbortSignal.timeout(30_000));
    await eventually(async () => (await pair.queue.record(during.id))?.status === 'in_progress', { what: 'a job runs' });
    proxy.strand();
    release();
    await eventually(() => pair.queue.enqueue(after).then(() => true), { what: 'the gateway reaches Redis again', deadlineMs: 25_000 });
    await eventually(async () => (await pair.queue.record(after.id))?.status === 'completed', { what: 'the worker reaches Redis again', deadlineMs: 25_000 });
    expect((await followed)?.status).toBe('completed');
    const reported = () => pair.reports.some(({ job, outcome }) => job.id === after.id && outcome === 'completed');
    await eventually(async () => reported(), { what: 'the worker reports what it made' });
  });
});
