import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cacheLookups } from './cache-lookups.js';
import { Client } from './client.js';
import { faultsOf, type World } from './faults.js';
import { Fleet } from './fleet.js';
import type { ChaosOptions } from './options.js';
import { randomFrom, type Random } from './random.js';
import type { ChaosRequest } from './requests.js';
import { digestsOf, runJobs, type Job } from './run-jobs.js';
import { Storm, type Blows } from './storm.js';

/** Time for jobs to come to their end when nothing is broken any more; and from one request to the next in a storm. */
const [patienceMs, paceMs] = [240_000, 30];

export type Env = Readonly<Record<string, string>>;
export type Read = Parameters<typeof digestsOf>[1];
export type Digests = readonly (string | undefined)[];

/** How a run tells that it is alive. */
export type Tell = (phase: string, done: number, of: number, also?: string) => void;

export const readFrom = (folder: string): Read => (key) => readFile(join(folder, key)).catch(() => undefined);

/** The digests that each request gives where nothing goes wrong. */
export async function runUndisturbed(requests: readonly ChaosRequest[], { env, minutes, read, tell }: { env: Env; minutes: number; read: Read; tell: Tell }): Promise<Map<ChaosRequest, Digests>> {
  const fleet = await Fleet.start({ env, gateways: 1, workers: 1 });
  try {
    let done = 0;
    const jobs = await runJobs(requests, { client: new Client(fleet, randomFrom(0)), inFlight: 64, patienceMs, limit: AbortSignal.timeout(minutes * 60_000), onJob: () => tell('undisturbed', (done += 1), requests.length) });
    const failed = jobs.find(({ ending }) => typeof ending !== 'object' || ending.status !== 'completed');
    if (failed) throw new Error(`a job failed though nothing was wrong: ${JSON.stringify(failed)}`);
    if (jobs.length < requests.length) throw new Error(`only ${jobs.length} of ${requests.length} jobs were sent in ${minutes} minutes, though nothing was wrong; raise --minutes`);
    return new Map(await Promise.all(jobs.map(async (job) => [job.request, await digestsOf(job, read)] as const)));
  } finally {
    await fleet.close();
  }
}

/** What is left of a storm, when it is over and every job has had the time to come to its end. */
export interface Aftermath {
  readonly jobs: readonly Job[];
  readonly logs: readonly string[];
  readonly faults: Readonly<Record<string, number>>;
  readonly ends: Readonly<Record<string, number>>;
  readonly unanswered: number;
  /** Of the cache Redis, by result. */
  readonly lookups: Readonly<Record<string, number>>;
}

export interface StormOptions {
  readonly phase: string;
  readonly env: Env;
  readonly options: ChaosOptions;
  readonly world: Omit<World, 'fleet' | 'client' | 'jobs'>;
  readonly tell: Tell;
}

/** Sends nothing more after its share of the minutes. */
export async function runInStorm(requests: readonly ChaosRequest[], { phase, env, options, world, tell }: StormOptions): Promise<Aftermath> {
  const fleet = await Fleet.start({ env, gateways: options.gateways, workers: options.workers, preload: ['poison', 'clock'] });
  const client = new Client(fleet, randomFrom(options.seed + 2));
  const limit = AbortSignal.timeout((options.minutes * 60_000 * requests.length) / options.jobs);
  const all: Job[] = [];
  const open = (): Job[] => all.filter(({ ending }) => ending === undefined);
  const storm = new Storm(blowsIn({ fleet, client, ...world, jobs: open }), { seed: options.seed, jobs: requests.length, gapMs: options.gapMs });
  const ticking = setInterval(() => tell(phase, all.length - open().length, requests.length, `${open().length} under way, now ${storm.now}`), 2_000);
  try {
    const before = async (share: number): Promise<void> => void (await storm.reached(share), await sleep(paceMs));
    // Calm once the last request is in and every fault was dealt: what is left must come to its end by itself.
    const after = async (): Promise<void> => void (limit.aborted || (await storm.complete()), await storm.end());
    const jobs = await runJobs(requests, { client, inFlight: options.inFlight, patienceMs, limit, before, after, onJob: (job) => all.push(job) });
    return { jobs, logs: fleet.logs('worker'), faults: storm.counts, ends: { ...fleet.ends }, unanswered: client.unanswered, lookups: await cacheLookups(fleet) };
  } finally {
    clearInterval(ticking);
    await storm.end();
    await fleet.close();
  }
}

function blowsIn(world: World): Blows {
  const bound = Object.entries(faultsOf(world)).map(([place, faults]) => [place, Object.fromEntries(Object.entries(faults).map(([name, fault]) => [name, (random: Random) => fault(world, random)]))]);
  return Object.fromEntries(bound) as Blows;
}
