import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from './client.js';
import type { World } from './faults.js';
import { Fleet } from './fleet.js';
import type { ChaosOptions } from './options.js';
import { randomFrom } from './random.js';
import type { ChaosRequest } from './requests.js';
import { digestsOf, runJobs, type Job } from './run-jobs.js';
import { Storm } from './storm.js';

export type Env = Readonly<Record<string, string>>;
export type Read = Parameters<typeof digestsOf>[1];
export type Digests = readonly (string | undefined)[];

/** How a run tells that it is alive. */
export type Tell = (phase: string, done: number, of: number, also?: string) => void;

export const readFrom = (folder: string): Read => (key) => readFile(join(folder, key)).catch(() => undefined);

/** The digests that each request gives where nothing goes wrong. */
export async function runUndisturbed(requests: readonly ChaosRequest[], { env, read, tell }: { env: Env; read: Read; tell: Tell }): Promise<Digests[]> {
  const fleet = await Fleet.start({ env, gateways: 1, workers: 1 });
  try {
    let done = 0;
    const jobs = await runJobs(requests, { client: new Client(fleet, randomFrom(0)), inFlight: 64, patienceMs: 240_000, onJob: () => tell('undisturbed', (done += 1), requests.length) });
    const failed = jobs.find(({ ending }) => typeof ending !== 'object' || ending.status !== 'completed');
    if (failed) throw new Error(`a job failed though nothing was wrong: ${JSON.stringify(failed)}`);
    return await Promise.all(jobs.map((job) => digestsOf(job, read)));
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
}

export interface StormOptions {
  readonly phase: string;
  readonly env: Env;
  readonly options: ChaosOptions;
  readonly world: Omit<World, 'fleet' | 'client' | 'jobs'>;
  readonly tell: Tell;
}

export async function runInStorm(requests: readonly ChaosRequest[], { phase, env, options, world, tell }: StormOptions): Promise<Aftermath> {
  const fleet = await Fleet.start({ env, gateways: options.gateways, workers: options.workers, preload: ['poison', 'clock'] });
  const client = new Client(fleet, randomFrom(options.seed + 2));
  const all: Job[] = [];
  const open = (): Job[] => all.filter(({ ending }) => ending === undefined);
  const storm = new Storm({ fleet, client, ...world, jobs: open }, { seed: options.seed });
  const ticking = setInterval(() => tell(phase, all.length - open().length, requests.length, `${open().length} under way, now ${storm.now}`), 2_000);
  try {
    const running = runJobs(requests, { client, inFlight: options.inFlight, patienceMs: 240_000, paceMs: 30, onJob: (job) => all.push(job) });
    // Calm once the last request is in: what is left must come to its end by itself.
    while (all.length < requests.length) await Promise.race([running, new Promise((resolve) => setTimeout(resolve, 200))]);
    await storm.end();
    return { jobs: await running, logs: fleet.logs('worker'), faults: storm.counts, ends: { ...fleet.ends }, unanswered: client.unanswered };
  } finally {
    clearInterval(ticking);
    await storm.end();
    await fleet.close();
  }
}
