import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client, Ending } from './client.js';
import type { ChaosRequest } from './requests.js';

/** One job of a run, from its submission to its end. */
export interface Job {
  readonly id: string;
  readonly request: ChaosRequest;
  /** 'lost': unknown to the service, or without an end when time was up. */
  ending: Ending | 'lost' | undefined;
  /** True once anybody asked for it to stop. */
  cancelled: boolean;
}

export interface RunOptions {
  readonly client: Client;
  readonly inFlight: number;
  /** Time for what is left once all were submitted. */
  readonly patienceMs: number;
  /** Hears of every job, as soon as it was accepted. */
  readonly onJob?: (job: Job) => void;
  /** Waits before a job is sent. */
  readonly paceMs?: number;
}

/** Sends all requests, so many under way at a time, and follows each to its end. */
export async function runJobs(requests: readonly ChaosRequest[], { client, inFlight, patienceMs, onJob = () => {}, paceMs = 0 }: RunOptions): Promise<Job[]> {
  const jobs: Job[] = [];
  const open = new Set<Promise<void>>();
  let deadline = Infinity;
  const follow = async (job: Job): Promise<void> => {
    while (job.ending === undefined) {
      await sleep(500);
      const ending = await client.ending(job.id);
      job.ending = ending === 'unknown' || (ending === undefined && Date.now() > deadline) ? 'lost' : ending;
    }
  };
  for (const request of requests) {
    while (open.size >= inFlight) await Promise.race(open);
    if (paceMs > 0) await sleep(paceMs);
    const job: Job = { id: await client.submit(request), request, ending: undefined, cancelled: false };
    jobs.push(job);
    onJob(job);
    const following = follow(job).finally(() => open.delete(following));
    open.add(following);
  }
  deadline = Date.now() + patienceMs;
  await Promise.all(open);
  return jobs;
}

/** Digest of each picture of a completed job; undefined for one that is not there. */
export async function digestsOf({ id, request: { body } }: Job, read: (key: string) => Promise<Uint8Array | undefined>): Promise<(string | undefined)[]> {
  const keys = Array.from({ length: body.n }, (_, index) => `pictures/${id}/${index}.${body.output_format}`);
  return Promise.all(keys.map(async (key) => {
    const bytes = await read(key);
    return bytes && createHash('sha256').update(bytes).digest('hex');
  }));
}
