import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { S3ObjectStore } from '@slipstream/storage';
import { ownRedis, ownS3 } from '../src/harness/index.js';
import { openQueue } from '../src/worker/open-queue.js';
import { Client } from './client.js';
import { Fleet } from './fleet.js';
import { readLogs } from './log-lines.js';
import { measureTakeOver } from './measure-take-over.js';
import type { ChaosOptions } from './options.js';
import { randomFrom } from './random.js';
import { poisonSeed, requestsOf, type ChaosRequest } from './requests.js';
import { digestsOf, runJobs, type Job } from './run-jobs.js';
import { S3Proxy } from './s3-proxy.js';
import { Storm } from './storm.js';
import { TcpProxy } from './tcp-proxy.js';
import { judge, type Evidence, type Verdict } from './verdict.js';
import { whereabouts } from './whereabouts.js';

export interface ChaosResult {
  readonly verdict: Verdict;
  readonly faults: Readonly<Record<string, number>>;
  /** Servers that ended and were started again, by how they ended. */
  readonly ends: Readonly<Record<string, number>>;
  readonly seconds: number;
  /** Worth a look: what the jobs that failed said. */
  readonly reasons: readonly string[];
}

/** How a run tells that it is alive. */
export type Tell = (phase: string, done: number, of: number, also?: string) => void;

type Env = Readonly<Record<string, string>>;
type Digests = Map<string, readonly (string | undefined)[]>;

const bucket = 'chaos';

/** The same requests undisturbed and in a storm, held against each other. */
export async function runChaos(options: ChaosOptions, tell: Tell): Promise<ChaosResult> {
  const startedMs = performance.now();
  const folder = await mkdtemp(join(tmpdir(), 'slipstream-chaos-'));
  const redis = await ownRedis({ appendOnly: true });
  const s3 = await ownS3();
  const random = randomFrom(options.seed);
  const requests = requestsOf(random, options.jobs);
  await Promise.all([redis.start(), s3.start()]);
  await fetch(`${s3.endpoint}/${bucket}`, { method: 'PUT' });
  const [network, store] = [await TcpProxy.before(redis.port), await S3Proxy.before(s3.endpoint, randomFrom(options.seed + 1))];
  const env: Env = {
    BUNDLE: 'tests/bundles/tiny', ENGINE_THREADS: '1', AUDIT_SHARE: '0', SCORE_SHARE: '0', SIGNING_KEY: randomBytes(32).toString('hex'), RESULT_TTL_SECONDS: '7200', SYNC_LIMIT_SECONDS: '5',
    AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', AWS_REGION: 'us-east-1', CHAOS_POISON_SEED: String(poisonSeed),
  };
  const folderEnv = { ...env, REDIS_URL: redis.url, STORAGE_URL: pathToFileURL(join(folder, 'pictures')).href };
  const s3Env = { ...env, REDIS_URL: `redis://127.0.0.1:${network.port}`, QUEUE_PREFIX: 'storm', STORAGE_URL: `s3://${bucket}/storm`, AWS_ENDPOINT_URL: store.endpoint };
  try {
    const undisturbed = await runUndisturbed(requests, { env: { ...folderEnv, QUEUE_PREFIX: 'undisturbed' }, read: (key) => readFile(join(folder, 'pictures', key)).catch(() => undefined), tell });
    const pictures = new S3ObjectStore({ bucket, prefix: 'storm', client: { endpoint: s3.endpoint, region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } } });
    const read = async (key: string): Promise<Uint8Array | undefined> => (await pictures.get(key))?.bytes;
    const { jobs, logs, storm, ends } = await runInStorm(requests, { env: s3Env, options, world: { redis, network, store }, tell });
    const lost = await whereabouts({ redisUrl: redis.url, prefix: 'storm' }, jobs.filter(({ ending }) => ending === 'lost').map(({ id }) => id));
    const made: Digests = new Map();
    for (const job of jobs) if (typeof job.ending === 'object' && job.ending.status === 'completed') made.set(job.id, await digestsOf(job, read));
    const expected: Digests = new Map(jobs.map(({ id }, index) => [id, undisturbed[index]!]));
    const revived = await revive(jobs, { env: { ...s3Env, REDIS_URL: redis.url, AWS_ENDPOINT_URL: s3.endpoint }, expected, read });
    tell('take-over', 0, options.rounds);
    const takeOverSeconds = options.rounds > 0 ? await measureTakeOver({ ...folderEnv, QUEUE_PREFIX: 'take-over' }, options.rounds) : [];
    const evidence: Evidence = { jobs, made, undisturbed: expected, logs: readLogs(logs), revived, takeOverSeconds };
    const reasons = jobs.flatMap(({ id, ending }) => (typeof ending === 'object' && ending.error ? [`${id}: ${ending.error.code}: ${ending.error.message}`] : []));
    return { verdict: judge(evidence), faults: storm.counts, ends, seconds: (performance.now() - startedMs) / 1000, reasons: [...lost, ...reasons] };
  } finally {
    await Promise.all([network.close(), store.close(), redis.dispose(), s3.stop()]);
    await rm(folder, { recursive: true, force: true });
  }
}

/** The digests that each request gives where nothing goes wrong. */
async function runUndisturbed(requests: readonly ChaosRequest[], { env, read, tell }: { env: Env; read: Parameters<typeof digestsOf>[1]; tell: Tell }): Promise<(readonly (string | undefined)[])[]> {
  const fleet = await Fleet.start({ env, gateways: 1, workers: 1 });
  try {
    let done = 0;
    const jobs = await runJobs(requests, { client: new Client(fleet, randomFrom(0)), inFlight: 64, patienceMs: 120_000, onJob: () => tell('undisturbed', (done += 1), requests.length) });
    const failed = jobs.find(({ ending }) => typeof ending !== 'object' || ending.status !== 'completed');
    if (failed) throw new Error(`a job failed though nothing was wrong: ${JSON.stringify(failed)}`);
    return await Promise.all(jobs.map((job) => digestsOf(job, read)));
  } finally {
    await fleet.close();
  }
}

interface StormOptions {
  readonly env: Env;
  readonly options: ChaosOptions;
  readonly world: { readonly redis: Awaited<ReturnType<typeof ownRedis>>; readonly network: TcpProxy; readonly store: S3Proxy };
  readonly tell: Tell;
}

async function runInStorm(requests: readonly ChaosRequest[], { env, options, world, tell }: StormOptions): Promise<{ jobs: Job[]; logs: string[]; storm: Storm; ends: Record<string, number> }> {
  const fleet = await Fleet.start({ env, gateways: options.gateways, workers: options.workers, preload: ['poison', 'clock'] });
  const client = new Client(fleet, randomFrom(options.seed + 2));
  const all: Job[] = [];
  const open = (): Job[] => all.filter(({ ending }) => ending === undefined);
  const storm = new Storm({ fleet, client, ...world, jobs: open }, { seed: options.seed });
  const ticking = setInterval(() => tell('storm', all.length - open().length, requests.length, `${open().length} under way, now ${storm.now}`), 2_000);
  try {
    const running = runJobs(requests, { client, inFlight: options.inFlight, patienceMs: 240_000, paceMs: 100, onJob: (job) => all.push(job) });
    // Calm once the last request is in: what is left must come to its end by itself.
    while (all.length < requests.length) await Promise.race([running, new Promise((resolve) => setTimeout(resolve, 200))]);
    await storm.end();
    return { jobs: await running, logs: fleet.logs('worker'), storm, ends: { ...fleet.ends } };
  } finally {
    clearInterval(ticking);
    await storm.end();
    await fleet.close();
  }
}

/** What an operator does with isolated jobs once their cause is gone: sees them listed and tries them again. */
async function revive(jobs: readonly Job[], { env, expected, read }: { env: Env; expected: Digests; read: Parameters<typeof digestsOf>[1] }): Promise<Evidence['revived']> {
  const isolated = jobs.filter(({ request, ending }) => request.poison && typeof ending === 'object' && ending.error?.code === 'worker_lost');
  const queue = await openQueue(env);
  const fleet = await Fleet.start({ env, gateways: 0, workers: 1 });
  try {
    const listed = new Set((await queue.failed({ most: 10_000 })).map(({ id }) => id));
    return await Promise.all(isolated.map(async (job) => {
      const again = await queue.retry(job.id);
      const record = again ? await queue.follow(job.id, AbortSignal.timeout(60_000)) : undefined;
      const digests = await digestsOf(job, read);
      return { id: job.id, listed: listed.has(job.id), same: record?.status === 'completed' && digests.join() === expected.get(job.id)!.join() };
    }));
  } finally {
    await queue.close();
    await fleet.close();
  }
}
