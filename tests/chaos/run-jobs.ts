import { createHash } from 'node:crypto';
import type { Ending } from './client.js';
import { Following, type FollowingOptions } from './following.js';
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

export interface RunOptions extends FollowingOptions {
  readonly inFlight: number;
  /** Once it aborts nothing more is sent. */
  readonly limit?: AbortSignal;
  /** Hears of every job, as soon as it was accepted. */
  readonly onJob?: (job: Job) => void;
  /** Waited for before a job is sent; `share` of all were sent before. */
  readonly before?: (share: number) => Promise<void>;
  /** Waited for when the last one was sent. */
  readonly after?: () => Promise<void>;
}

/** Clients that send at the same time: one that hangs at a stopped gateway does not keep the others. */
const senders = 4;

/** Sends the requests, so many under way at a time, and follows each to its end. */
export async function runJobs(requests: readonly ChaosRequest[], { inFlight, limit, onJob = () => {}, before = async () => {}, after = async () => {}, ...options }: RunOptions): Promise<Job[]> {
  const jobs: Job[] = [];
  const following = new Following(options);
  const left = requests.entries();
  const send = async (): Promise<void> => {
    for (const [index, request] of left) {
      await following.room(inFlight);
      await before(index / requests.length);
      const id = await options.client.submit(request, limit);
      if (id === undefined) return;
      const job: Job = { id, request, ending: undefined, cancelled: false };
      jobs.push(job);
      onJob(job);
      following.add(job);
    }
  };
  await Promise.all(Array.from({ length: senders }, send));
  await after();
  await following.all();
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
