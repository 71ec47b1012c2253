import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import type { GenerationJob, Provenance } from '@slipstream/contracts';
import { GenerationConsumer, GenerationQueue, type JobContext } from '@slipstream/queue';
import { eventually, ownRedis } from '../src/harness/index.js';
import { sampling } from './course.js';
import type { Finding } from './experiment.js';

/** CPU seconds of a Redis, measured on one of its own. */
export interface RedisCosts {
  /** From acceptance to settlement, without the time in work. */
  readonly perJob: number;
  /** Of one job in work: its step, written four times a second, and its lock. */
  readonly perJobSecond: number;
  /** Of one worker that has nothing to do. */
  readonly perWorkerSecond: number;
}

/** A single-threaded server should not be busier than that. */
const mostBusy = 0.7;
const workers = 10;
const seconds = 6;

/** Runs the real queue against a Redis of its own for some twenty seconds. CPU time is what counts, so a busy machine does not matter much. */
export async function measureRedis(jobCount = 3_000): Promise<RedisCosts> {
  const server = await ownRedis();
  await server.start();
  const redis = new Redis(server.url);
  try {
    const perWorkerSecond = (await during(redis, () => withConsumers(server.url, { count: workers, process: async (job) => resultOf(job) }, () => pause(seconds)))) / (workers * seconds);
    const perJob = (await during(redis, () => runJobs(server.url, jobCount))) / jobCount;
    const perJobSecond = (await during(redis, () => holdJobs(server.url))) / (200 * seconds) - perJob / seconds;
    return { perJob, perJobSecond, perWorkerSecond };
  } finally {
    redis.disconnect();
    await server.dispose();
  }
}

/** What the measured costs come to: how many devices one Redis serves. */
export function redisFinding(costs: RedisCosts, handsPerDevice = 24): Finding {
  const micro = (cost: number): string => (cost * 1e6).toFixed(0);
  const devices = (picturesPerSecond: number, steps: number): number => mostBusy / (picturesPerSecond * costs.perJob + handsPerDevice * costs.perJobSecond * steps + costs.perWorkerSecond);
  return {
    name: 'redis', title: 'Where one Redis ends',
    setting: `Measured CPU: ${micro(costs.perJob)} µs a job from acceptance to settlement, ${micro(costs.perJobSecond)} µs a second for each job in work (its step, four times a second, and its lock), ${micro(costs.perWorkerSecond)} µs a second for each worker. One picture a job, ${handsPerDevice} jobs in hand, Redis ${mostBusy * 100} % busy.`,
    head: ['pictures/s of a device', 'devices', 'pictures/s of the fleet', 'devices if steps were not written'],
    rows: [1, 5, 25].map((rate) => [String(rate), devices(rate, 1).toFixed(0), (devices(rate, 1) * rate).toFixed(0), devices(rate, 0).toFixed(0)]),
  };
}

async function during(redis: Redis, work: () => Promise<void>): Promise<number> {
  const before = await cpuSeconds(redis);
  await work();
  return (await cpuSeconds(redis)) - before;
}

async function cpuSeconds(redis: Redis): Promise<number> {
  const info = await redis.info('cpu');
  const field = (name: string): number => Number(new RegExp(`^${name}:(\\S+)`, 'm').exec(info)?.[1]);
  return field('used_cpu_sys') + field('used_cpu_user');
}

type Process = (job: GenerationJob, context: JobContext) => Promise<ReturnType<typeof resultOf>>;

async function withConsumers(redisUrl: string, { count, process, prefix = randomUUID() }: { count: number; process: Process; prefix?: string }, work: () => Promise<void>): Promise<void> {
  const consumers = Array.from({ length: count }, () => new GenerationConsumer({ redisUrl, prefix, recordTtlSeconds: 600, concurrency: 400 / count, bundle: 'digest', process }));
  await work();
  await Promise.all(consumers.map((consumer) => consumer.close({ deadlineMs: 0 })));
}

async function runJobs(redisUrl: string, count: number, process: Process = async (job) => resultOf(job)): Promise<void> {
  const prefix = randomUUID();
  const queue = new GenerationQueue({ redisUrl, prefix, recordTtlSeconds: 600 });
  await eventually(() => queue.check().then(() => true), { what: 'Redis answers' });
  await withConsumers(redisUrl, { count: workers, process, prefix }, async () => {
    const jobs = Array.from({ length: count }, makeJob);
    for (const job of jobs) await queue.enqueue(job);
    await Promise.all(jobs.map(({ id }) => queue.follow(id)));
  });
  await queue.close();
}

const holdJobs = (redisUrl: string): Promise<void> =>
  runJobs(redisUrl, 200, async (job, { progress }) => {
    for (let tenth = 0; tenth < seconds * 10; tenth += 1) {
      progress(0, { step: tenth });
      await pause(0.1);
    }
    return resultOf(job);
  });

const pause = (time: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, time * 1000));

function makeJob(): GenerationJob {
  const settings = { model: 'm', prompt: 'slice of pizza', n: 1, seed: 7, ...sampling, outputFormat: 'png', outputCompression: 100, background: 'opaque' } as const;
  return { id: randomUUID(), requestId: randomUUID(), createdAtMs: Date.now(), tenant: 'default', lane: 'interactive', settings };
}

function resultOf({ id, settings: { seed, strategy, steps, budget } }: GenerationJob) {
  const provenance: Provenance = {
    bundle: 'digest', seed, strategy, steps, full_steps: budget, shortcut_steps: steps - budget, partial_steps: 0, cache: { anchors: 0, result: 'off' },
    seconds: { queued: 0, engine: 0.1 }, speedup: { value: 4, baseline: 'vanilla', measured: true },
  };
  return { pictures: [{ key: `pictures/${id}/0.png`, seed, contentType: 'image/png', bytes: 5_000 }], provenance };
}
