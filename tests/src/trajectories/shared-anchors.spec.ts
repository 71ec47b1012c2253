import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Redis } from 'ioredis';
import type { GenerationJob, GenerationRecord, GenerationSettings } from '@slipstream/contracts';
import type { GenerationQueue } from '@slipstream/queue';
import { eventually, ownRedis, scratch, startWorker, type OwnRedis, type RunningServer, type Scratch } from '../harness/index.js';
import { makeJob } from '../queue/make-job.js';
import { openQueue } from '../worker/open-queue.js';
import { count } from './count.js';

let own: Scratch;
let cache: OwnRedis;
let queue: GenerationQueue;
const workers: RunningServer[] = [];

beforeAll(async () => {
  [own, cache] = await Promise.all([scratch('anchors'), ownRedis()]);
  await cache.start();
  queue = await openQueue(own.env);
}, 60_000);
afterAll(async () => {
  await Promise.all(workers.map((worker) => worker.stop('SIGKILL')));
  await queue?.close();
  await cache?.dispose();
  await own?.dispose();
}, 60_000);

async function start(): Promise<RunningServer> {
  const worker = await startWorker({ ...own.env, CACHE_REDIS_URL: cache.url, CACHE_TIMEOUT_SECONDS: '2', ENGINE_CAPACITY: '2' });
  workers.push(worker);
  await worker.ready(90_000);
  return worker;
}

const make = async (settings: Partial<GenerationSettings>): Promise<GenerationRecord> => (await finish([await enqueue(settings)]))[0]!;
async function enqueue(settings: Partial<GenerationSettings>): Promise<GenerationJob> {
  const job = makeJob({ settings });
  await queue.enqueue(job);
  return job;
}
const enqueueAll = (all: Partial<GenerationSettings>[]): Promise<GenerationJob[]> => Promise.all(all.map(enqueue));
async function finish(jobs: readonly GenerationJob[]): Promise<GenerationRecord[]> {
  const records = await Promise.all(jobs.map(({ id }) => queue.follow(id, AbortSignal.timeout(60_000))));
  expect(records.map((record) => record?.status)).toEqual(jobs.map(() => 'completed'));
  return records as GenerationRecord[];
}
const bytesOf = async ({ pictures }: GenerationRecord): Promise<string[]> => Promise.all(pictures.map(async ({ key }) => (await readFile(fileURLToPath(`${own.env['STORAGE_URL']}/${key}`))).toString('base64')));

const lookups = (worker: RunningServer, result: string): Promise<number> => count(worker, 'slipstream_anchor_lookups_total', { tier: 'redis', result });

describe('workers with a cache Redis', { timeout: 180_000 }, () => {
  it('share the first step of a prompt, and make the bytes of workers that share nothing', async () => {
    const first = await start();
    expect((await make({ prompt: 'pizza', seed: 1 })).provenance!.cache).toEqual({ anchors: 0, result: 'miss' });
    expect([await lookups(first, 'miss'), await count(first, 'slipstream_anchor_writes_total', { result: 'written' })]).toEqual([2, 2]);
    const second = await start();
    const records: GenerationRecord[] = [];
    await eventually(async () => {
      const seed = records.length + 2;
      records.push(...(await finish(await enqueueAll([0, 1, 2, 3].map((more) => ({ prompt: 'pizza', seed: seed + more }))))));
      return (await count(second, 'slipstream_requests_total', { status: 'completed' })) > 0;
    }, { what: 'the second worker makes a picture' });
    expect([await lookups(second, 'hit'), await lookups(second, 'miss'), await lookups(first, 'hit')]).toEqual([2, 0, 0]);
    const made = await count(second, 'slipstream_requests_total', { status: 'completed' });
    expect(await count(second, 'slipstream_steps_total', { kind: 'full' })).toBe(2 * made); // of three full steps the first is recalled
    expect(records.every(({ provenance }) => provenance!.cache.anchors === 2)).toBe(true);
    for (const record of records.slice(0, 4)) expect(await bytesOf(record)).toEqual(await bytesOf(await make({ ...record.settings, cache: 'off' })));
  });

  it('take damaged and foreign frames for none, replace them, and make the same bytes', async () => {
    const redis = new Redis(cache.url);
    const keys = await redis.keys('*:anchor:*');
    for (const key of keys) await redis.setrange(key, 200, 'damage');
    redis.disconnect();
    const third = await start();
    await eventually(async () => {
      const seed = 50 + (await count(third, 'slipstream_requests_total'));
      const [one] = await finish(await enqueueAll([0, 1, 2, 3].map((more) => ({ prompt: 'pizza', seed: seed + more }))));
      expect(await bytesOf(one!)).toEqual(await bytesOf(await make({ ...one!.settings, cache: 'off' })));
      return (await lookups(third, 'damaged')) > 0;
    }, { what: 'the third worker meets a damaged frame' });
    expect([await lookups(third, 'damaged'), await lookups(third, 'hit')]).toEqual([2, 0]);
  });

  it('go on when it is killed in the middle: only metrics tell', async () => {
    const words = ['apple', 'llama', 'bird', 'cat', 'dog', 'sun', 'taco', 'heart'];
    const jobs = await enqueueAll(words.map((prompt, seed) => ({ prompt, seed, n: 3 })));
    await queue.follow(jobs[0]!.id, AbortSignal.timeout(60_000));
    await cache.stop();
    const records = await finish([...jobs, ...(await enqueueAll(words.map((prompt) => ({ prompt: `${prompt} again`, seed: 7 }))))]);
    const troubles = await Promise.all(workers.flatMap((worker) => ['failed', 'open'].flatMap((result) => [lookups(worker, result), count(worker, 'slipstream_anchor_writes_total', { result })])));
    expect(troubles.reduce((sum, each) => sum + each)).toBeGreaterThan(0);
    for (const record of records) expect(await bytesOf(record)).toEqual(await bytesOf(await make({ ...record.settings, cache: 'off' })));
    expect(await Promise.all(workers.map((worker) => count(worker, 'slipstream_requests_total', { status: 'failed' })))).toEqual([0, 0, 0]);
  });
});

describe('a worker whose cache would be the queue’s Redis', () => {
  it('does not start, and says what to do', async () => {
    const worker = await startWorker({ ...own.env, CACHE_REDIS_URL: own.env['REDIS_URL'] });
    expect((await worker.exited).code).toBe(1);
    expect(worker.output()).toMatch(/CACHE_REDIS_URL must be another Redis than REDIS_URL/);
  });
});
