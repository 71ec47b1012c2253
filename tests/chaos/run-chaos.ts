import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { S3ObjectStore } from '@slipstream/storage';
import { ownRedis, ownS3 } from '../src/harness/index.js';
import { readFrom, runInStorm, runUndisturbed, type Aftermath, type Digests, type Env, type Read, type Tell } from './legs.js';
import { readLogs } from './log-lines.js';
import { measureTakeOver } from './measure-take-over.js';
import type { ChaosOptions } from './options.js';
import { randomFrom } from './random.js';
import { poisonSeed, requestsOf } from './requests.js';
import { revive } from './revive.js';
import { digestsOf, type Job } from './run-jobs.js';
import { S3Proxy } from './s3-proxy.js';
import { mountSmallDisk } from './small-disk.js';
import { TcpProxy } from './tcp-proxy.js';
import { judge, type Verdict } from './verdict.js';
import { whereabouts } from './whereabouts.js';

export interface ChaosResult {
  readonly verdict: Verdict;
  readonly faults: Readonly<Record<string, number>>;
  /** Servers that ended and were started again, by how they ended. */
  readonly ends: Readonly<Record<string, number>>;
  /** Requests that no gateway answered with a job; the client sent them again. */
  readonly unanswered: number;
  readonly seconds: number;
  /** What this machine does not allow. */
  readonly leftOut: readonly string[];
  /** Worth a look: what the jobs that failed said, and where those that were lost lie. */
  readonly reasons: readonly string[];
}

const bucket = 'chaos';
const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
/** Of the jobs, those that are stored in a folder on a small disk; the others go to a bucket. */
const folderShare = 0.1;

/** The same requests undisturbed and in storms, held against each other. */
export async function runChaos(options: ChaosOptions, tell: Tell): Promise<ChaosResult> {
  const startedMs = performance.now();
  const folder = await mkdtemp(join(tmpdir(), 'slipstream-chaos-'));
  const [redis, s3] = [await ownRedis({ appendOnly: true }), await ownS3()];
  await Promise.all([redis.start(), s3.start()]);
  await fetch(`${s3.endpoint}/${bucket}`, { method: 'PUT' });
  const [network, store, disk] = [await TcpProxy.before(redis.port), await S3Proxy.before(s3.endpoint, randomFrom(options.seed + 1)), await mountSmallDisk(join(folder, 'disk'))];
  const calm: Env = { ...common, SIGNING_KEY: randomBytes(32).toString('hex'), REDIS_URL: redis.url, QUEUE_PREFIX: 'undisturbed', STORAGE_URL: pathToFileURL(join(folder, 'pictures')).href };
  const stormy = { ...calm, REDIS_URL: `redis://127.0.0.1:${network.port}` };
  const inBucket = { QUEUE_PREFIX: 'bucket', STORAGE_URL: `s3://${bucket}/storm` };
  const onDisk = { QUEUE_PREFIX: 'disk', STORAGE_URL: pathToFileURL(join(folder, 'disk')).href };
  const pictures = new S3ObjectStore({ bucket, prefix: 'storm', client: { endpoint: s3.endpoint, region: 'us-east-1', credentials } });
  const readBucket: Read = async (key) => (await pictures.get(key))?.bytes;
  try {
    const requests = requestsOf(randomFrom(options.seed), options.jobs);
    const undisturbed = await runUndisturbed(requests, { env: calm, read: readFrom(join(folder, 'pictures')), tell });
    const split = typeof disk === 'string' ? requests.length : Math.ceil(requests.length * (1 - folderShare));
    const first = await runInStorm(requests.slice(0, split), { phase: 'storm on a bucket', env: { ...stormy, ...inBucket, AWS_ENDPOINT_URL: store.endpoint }, options, world: { redis, network, store }, tell });
    const second = typeof disk === 'string' ? nothing : await runInStorm(requests.slice(split), { phase: 'storm on a disk', env: { ...stormy, ...onDisk }, options, world: { redis, network, disk }, tell });
    const jobs = [...first.jobs, ...second.jobs];
    const expected = new Map(jobs.map(({ id }, index) => [id, undisturbed[index]!]));
    const made = new Map([...await digestsOfAll(first.jobs, readBucket), ...await digestsOfAll(second.jobs, readFrom(join(folder, 'disk')))]);
    const lost = [...await whereabouts({ redisUrl: redis.url, prefix: 'bucket' }, lostOf(first.jobs)), ...await whereabouts({ redisUrl: redis.url, prefix: 'disk' }, lostOf(second.jobs))];
    const revived = [
      ...await revive(first.jobs, { env: { ...calm, ...inBucket, AWS_ENDPOINT_URL: s3.endpoint }, expected, read: readBucket }),
      ...await revive(second.jobs, { env: { ...calm, ...onDisk }, expected, read: readFrom(join(folder, 'disk')) }),
    ];
    tell('take-over', 0, options.rounds);
    const takeOverSeconds = options.rounds > 0 ? await measureTakeOver({ ...calm, QUEUE_PREFIX: 'take-over' }, options.rounds) : [];
    return {
      verdict: judge({ jobs, made, undisturbed: expected, logs: readLogs([...first.logs, ...second.logs]), revived, takeOverSeconds }),
      faults: added(first.faults, second.faults),
      ends: added(first.ends, second.ends),
      unanswered: first.unanswered + second.unanswered,
      seconds: (performance.now() - startedMs) / 1000,
      leftOut: typeof disk === 'string' ? [`disk full: a small disk cannot be mounted here (${disk})`] : [],
      reasons: [...lost, ...jobs.flatMap(reasonOf)],
    };
  } finally {
    // What goes wrong here must not hide what went wrong before.
    await Promise.allSettled([network.close(), store.close(), redis.dispose(), s3.stop('SIGKILL'), pictures.close(), typeof disk !== 'string' && disk.dispose()]);
    await rm(folder, { recursive: true, force: true }).catch(() => {});
  }
}

const common: Env = {
  BUNDLE: 'tests/bundles/tiny', ENGINE_THREADS: '1', AUDIT_SHARE: '0', SCORE_SHARE: '0', RESULT_TTL_SECONDS: '7200', SYNC_LIMIT_SECONDS: '5', CHAOS_POISON_SEED: String(poisonSeed),
  AWS_ACCESS_KEY_ID: credentials.accessKeyId, AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey, AWS_REGION: 'us-east-1',
};

const nothing: Aftermath = { jobs: [], logs: [], faults: {}, ends: {}, unanswered: 0 };

const lostOf = (jobs: readonly Job[]): string[] => jobs.filter(({ ending }) => ending === 'lost').map(({ id }) => id);
const reasonOf = ({ id, ending }: Job): string[] => (typeof ending === 'object' && ending.error ? [`${id}: ${ending.error.code}: ${ending.error.message}`] : []);

async function digestsOfAll(jobs: readonly Job[], read: Read): Promise<Map<string, Digests>> {
  const made = new Map<string, Digests>();
  for (const job of jobs) if (typeof job.ending === 'object' && job.ending.status === 'completed') made.set(job.id, await digestsOf(job, read));
  return made;
}

function added(...all: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const total: Record<string, number> = {};
  for (const [name, count] of all.flatMap((counts) => Object.entries(counts))) total[name] = (total[name] ?? 0) + count;
  return total;
}
