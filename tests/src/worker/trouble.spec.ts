import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { eventually, ownRedis, scratch, startWorker, waitForExit, type OwnRedis, type RunningServer, type Scratch } from '../harness/index.js';
import { makeJob } from '../queue/make-job.js';
import { openQueue } from './open-queue.js';

describe('a worker in trouble', { timeout: 120_000 }, () => {
  let own: Scratch;
  let redis: OwnRedis;
  let worker: RunningServer | undefined;
  beforeAll(async () => {
    own = await scratch('trouble');
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

  it('waits for a Redis that is away at start or goes while it runs, says which, and serves again', async () => {
    worker = await startWorker({ ...own.env, REDIS_URL: redis.url });
    const detail = await notReadyFor(/redis: /);
    expect(detail).toContain(redis.url);
    expect(detail).toContain('ECONNREFUSED');
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

  it('lists every bad key of its environment at once, without values, and exits with 1', async () => {
    worker = await startWorker({ ...own.env, REDIS_URL: 'http://me:hunter2@host', ENGINE_CAPACITY: '0', EXECUTION_PROVIDER: 'tpu', DRAIN_SECONDS: 'soon' });
    expect((await waitForExit(worker)).code).toBe(1);
    for (const key of ['REDIS_URL', 'ENGINE_CAPACITY', 'EXECUTION_PROVIDER', 'DRAIN_SECONDS']) expect(worker.output()).toContain(`${key} must`);
    expect(worker.output()).not.toMatch(/hunter2|\n\s+at /);
  });

  it('names the bundle that it cannot load, and exits with 1', async () => {
    worker = await startWorker({ ...own.env, BUNDLE: join(own.folder, 'no-bundle') });
    expect((await waitForExit(worker)).code).toBe(1);
    expect(worker.output()).toContain('no-bundle');
    expect(worker.output()).toContain('bundle_invalid');
  });

  it('is not ready while pictures cannot be stored, tells a generation why it failed, and serves the next', async () => {
    const blocked = join(own.folder, 'blocked');
    await writeFile(blocked, 'a file where the folder should be');
    await redis.start();
    worker = await startWorker({ ...own.env, QUEUE_PREFIX: `${own.env['QUEUE_PREFIX']}-s`, REDIS_URL: redis.url, STORAGE_URL: pathToFileURL(blocked).href });
    await notReadyFor(/storage: .*cannot be used as a folder/);
    const queue = await openQueue({ ...own.env, QUEUE_PREFIX: `${own.env['QUEUE_PREFIX']}-s`, REDIS_URL: redis.url });
    const [failing, next] = [makeJob(), makeJob()];
    await queue.enqueue(failing);
    const record = await queue.follow(failing.id, AbortSignal.timeout(60_000));
    expect(record).toMatchObject({ status: 'failed', error: { code: 'storage_unavailable', message: expect.stringContaining('STORAGE_URL') } });
    await rm(blocked);
    await mkdir(blocked);
    await queue.enqueue(next);
    expect((await queue.follow(next.id, AbortSignal.timeout(60_000)))?.status).toBe('completed');
    await queue.close();
  });
});
