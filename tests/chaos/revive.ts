import { openQueue } from '../src/worker/open-queue.js';
import { Fleet } from './fleet.js';
import type { Digests, Env, Read } from './legs.js';
import { digestsOf, type Job } from './run-jobs.js';

/** A job that was isolated, when its cause is gone. */
export interface Revived {
  readonly id: string;
  /** Whether an operator sees it among what failed. */
  readonly listed: boolean;
  /** Whether it is made when tried again, to the bytes of an undisturbed run. */
  readonly same: boolean;
}

/** What an operator does with poison jobs once workers survive them. */
export async function revive(jobs: readonly Job[], { env, expected, read }: { env: Env; expected: ReadonlyMap<string, Digests>; read: Read }): Promise<Revived[]> {
  const isolated = jobs.filter(({ request, ending }) => request.poison && typeof ending === 'object' && ending.error?.code === 'worker_lost');
  if (isolated.length === 0) return [];
  const queue = await openQueue(env);
  const fleet = await Fleet.start({ env, gateways: 0, workers: 1 });
  try {
    const listed = new Set((await queue.failed({ most: 10_000 })).map(({ id }) => id));
    return await Promise.all(isolated.map(async (job) => {
      const record = (await queue.retry(job.id)) ? await queue.follow(job.id, AbortSignal.timeout(60_000)) : undefined;
      const digests = await digestsOf(job, read);
      return { id: job.id, listed: listed.has(job.id), same: record?.status === 'completed' && digests.join() === expected.get(job.id)!.join() };
    }));
  } finally {
    await queue.close();
    await fleet.close();
  }
}
