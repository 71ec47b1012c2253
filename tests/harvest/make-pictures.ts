import { rm } from 'node:fs/promises';
import { makeJob } from '../src/queue/make-job.js';
import { ownRedis, scratch, startWorker } from '../src/harness/index.js';
import { openQueue } from '../src/worker/open-queue.js';

/*
 * Makes pictures with a worker that harvests all of them: argument 1 is a list of settings as JSON, BUNDLE and STORAGE_URL are
 * the worker's. Ends when the worker has. The trainer's tests run it (apps/trainer/tests/test_harvest_round_trip.py).
 */
const settings = JSON.parse(process.argv[2]!) as object[];
const [own, redis] = await Promise.all([scratch('harvest'), ownRedis()]);
await redis.start();
const env = { ...own.env, REDIS_URL: redis.url, BUNDLE: process.env['BUNDLE']!, STORAGE_URL: process.env['STORAGE_URL']!, HARVEST_SHARE: '1' };
const worker = await startWorker(env);
try {
  await worker.ready(300_000);
  const queue = await openQueue(env);
  const jobs = settings.map((each) => makeJob({ settings: each }));
  await Promise.all(jobs.map((job) => queue.enqueue(job)));
  const records = await Promise.all(jobs.map(({ id }) => queue.follow(id, AbortSignal.timeout(120_000))));
  const bad = records.find((record) => record?.status !== 'completed');
  if (bad) throw new Error(`a generation did not complete: ${JSON.stringify(bad)}`);
  await queue.close();
  const { code } = await worker.stop('SIGTERM', 60_000);
  if (code !== 0) throw new Error(`the worker ended with ${code}:\n${worker.output()}`);
} finally {
  await worker.stop('SIGKILL');
  await redis.dispose();
  await rm(own.folder, { recursive: true, force: true });
}
