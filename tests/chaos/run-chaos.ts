import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { allFaults } from './faults.js';
import { readFrom, runInStorm, runUndisturbed, type Aftermath, type Digests, type Env, type Read, type Tell } from './legs.js';
import { readLogs } from './log-lines.js';
import { measureTakeOver } from './measure-take-over.js';
import type { ChaosOptions } from './options.js';
import { randomFrom } from './random.js';
import { poisonSeed, requestsOf } from './requests.js';
import { revive } from './revive.js';
import { digestsOf, type Job } from './run-jobs.js';
import { credentials, openScenery, spoiltUrl } from './scenery.js';
import { judge, type Verdict } from './verdict.js';
import { whereabouts } from './whereabouts.js';

export interface ChaosResult {
  readonly verdict: Verdict;
  /** Every fault that there is, and how often it came. */
  readonly faults: Readonly<Record<string, number>>;
  /** Servers that ended and were started again, by how they ended. */
  readonly ends: Readonly<Record<string, number>>;
  /** Requests that no gateway answered with a job; the client sent them again. */
  readonly unanswered: number;
  /** Lookups in the cache Redis by result, as counted by the workers that were up at the end of each storm. */
  readonly lookups: Readonly<Record<string, number>>;
  readonly seconds: number;
  /** What this machine does not allow. */
  readonly leftOut: readonly string[];
  /** Worth a look: what the jobs that failed said, and where those that were lost lie. */
  readonly reasons: readonly string[];
}

/** Of the jobs, those that are stored in a folder on a small disk; the others go to a bucket. */
const folderShare = 0.1;

/** The same requests undisturbed and in storms, held against each other. */
export async function runChaos(options: ChaosOptions, tell: Tell): Promise<ChaosResult> {
  const startedMs = performance.now();
  const scenery = await openScenery(options.seed + 1);
  const { folder, redis, cache, s3, pictures, disk } = scenery;
  const calm: Env = { ...common, SIGNING_KEY: randomBytes(32).toString('hex'), REDIS_URL: redis.server.url, QUEUE_PREFIX: 'undisturbed', STORAGE_URL: pathToFileURL(join(folder, 'pictures')).href };
  const stormy = { ...calm, REDIS_URL: spoiltUrl(redis), CACHE_REDIS_URL: spoiltUrl(cache), CACHE_ANCHORS: 'all' };
  const inBucket = { QUEUE_PREFIX: 'bucket', STORAGE_URL: `s3://${s3.bucket}/storm` };
  const onDisk = { QUEUE_PREFIX: 'disk', STORAGE_URL: pathToFileURL(join(folder, 'disk')).href };
  const readBucket: Read = async (key) => (await pictures.get(key))?.bytes;
  try {
    const requests = requestsOf(randomFrom(options.seed), options.jobs);
    const undisturbed = await runUndisturbed(requests, { env: calm, minutes: options.minutes, read: readFrom(join(folder, 'pictures')), tell });
    const split = typeof disk === 'string' ? requests.length : Math.ceil(requests.length * (1 - folderShare));
    const first = await runInStorm(requests.slice(0, split), { phase: 'storm on a bucket', env: { ...stormy, ...inBucket, AWS_ENDPOINT_URL: s3.proxy.endpoint }, options, world: { redis, cache, store: s3.proxy }, tell });
    const second = typeof disk === 'string' ? nothing : await runInStorm(requests.slice(split), { phase: 'storm on a disk', env: { ...stormy, ...onDisk }, options, world: { redis, cache, disk }, tell });
    const jobs = [...first.jobs, ...second.jobs];
    const expected = new Map(jobs.map(({ id, request }) => [id, undisturbed.get(request)!]));
    const made = new Map([...await digestsOfAll(first.jobs, readBucket), ...await digestsOfAll(second.jobs, readFrom(join(folder, 'disk')))]);
    const lost = [...await whereabouts({ redisUrl: redis.server.url, prefix: 'bucket' }, lostOf(first.jobs)), ...await whereabouts({ redisUrl: redis.server.url, prefix: 'disk' }, lostOf(second.jobs))];
    const revived = [
      ...await revive(first.jobs, { env: { ...calm, ...inBucket, AWS_ENDPOINT_URL: s3.endpoint }, expected, read: readBucket }),
      ...await revive(second.jobs, { env: { ...calm, ...onDisk }, expected, read: readFrom(join(folder, 'disk')) }),
    ];
    tell('take-over', 0, options.rounds);
    const takeOverSeconds = options.rounds > 0 ? await measureTakeOver({ ...calm, QUEUE_PREFIX: 'take-over' }, options.rounds) : [];
    const faults = added(none, first.faults, second.faults);
    return {
      verdict: judge({ faults: typeof disk === 'string' ? first.faults : faults, jobs, made, undisturbed: expected, logs: readLogs([...first.logs, ...second.logs]), revived, takeOverSeconds, wanted: options.jobs }),
      faults,
      ends: added(first.ends, second.ends),
      unanswered: first.unanswered + second.unanswered,
      lookups: added(first.lookups, second.lookups),
      seconds: (performance.now() - startedMs) / 1000,
      leftOut: typeof disk === 'string' ? [`disk full: a small disk cannot be mounted here (${disk})`] : [],
      reasons: [...lost, ...jobs.flatMap(reasonOf)],
    };
  } finally {
    await scenery.dispose();
  }
}

const common: Env = {
  BUNDLE: 'tests/bundles/tiny', ENGINE_THREADS: '1', AUDIT_SHARE: '0', SCORE_SHARE: '0', RESULT_TTL_SECONDS: '7200', SYNC_LIMIT_SECONDS: '5', CHAOS_POISON_SEED: String(poisonSeed),
  AWS_ACCESS_KEY_ID: credentials.accessKeyId, AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey, AWS_REGION: 'us-east-1',
};

const nothing: Aftermath = { jobs: [], logs: [], faults: {}, ends: {}, unanswered: 0, lookups: {} };
const none = Object.fromEntries(allFaults.map((name) => [name, 0]));

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
