import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { eventually, ownRedis, scratch, startWorker, type OwnRedis, type RunningServer, type Scratch } from '../harness/index.js';
import { makeJob } from '../queue/make-job.js';
import { openQueue } from './open-queue.js';

describe('a worker without Redis', { timeout: 120_000 }, () => {
  let own: Scratch;
  let redis: OwnRedis;
  let worker: RunningServer | undefined;
  beforeAll(async () => {
    own = await scratch('worker-redis');
    redis = await ownRedis();
  });
  afterEach(async () => void (await worker?.stop('SIGKILL')));
  afterAll(async () => {
    await redis.dispose();
    await own.dispose();
  });
  const readyz = async () => {
    const answer = await fetch(`${worker!.url}/readyz`);
    return { status: answer.status, detail: ((await answer.json()) as { detail?: string }).detail ?? '' };
  };
  const notReadyFor = (reason: RegExp) => eventually(async () => {
    const answer = await readyz();
    return answer.status === 503 && reason.test(answer.detail) && answer.detail;
  }, { what: `not ready because of ${reason}`, deadlineMs: 60_000 });

  it('waits for one that is away at start or goes while it runs, says which, serves again, and leaves with 0 without it', async () => {
    worker = await startWorker({ ...own.env, REDIS_URL: redis.url, AUDIT_SHARE: '1' });
    const detail = await notReadyFor(/redis: .*ECONNREFUSED/);
    expect(detail).toContain(redis.url);
    expect(detail).toContain('REDIS_URL');
    await redis.start();
    await worker.ready();
    await redis.stop();
    await notReadyFor(/redis: /);
    expect((await fetch(`${worker.url}/livez`)).status).toBe(200);
    await redis.start();
    await worker.ready();
    const queue = await openQueue({ ...own.env, REDIS_URL: redis.url });
    const job = makeJob();
    await queue.enqueue(job);
    expect((await queue.follow(job.id, AbortSignal.timeout(30_000)))?.status).toBe('completed');
    await queue.close();
    await redis.stop();
    expect((await worker.stop('SIGTERM', 40_000)).code).toBe(0);
  });
});
