import { describe, expect, it } from 'vitest';
import type { Ending } from './client.js';
import { randomFrom } from './random.js';
import { requestsOf } from './requests.js';
import { runJobs, type Job } from './run-jobs.js';

const requests = requestsOf(randomFrom(1), 12);
const done: Ending = { status: 'completed' };
const options = { inFlight: 100, patienceMs: 60_000, everyMs: 1 };
/** A service that takes everything, and says of the how manieth job what it is told to. */
function service(ending: (job: number) => Ending | 'unknown' | undefined) {
  let ids = 0;
  return { submit: async () => String(ids++), ending: async (id: string) => ending(Number(id)) };
}
const endings = (jobs: readonly Job[]): unknown[] => jobs.map((job) => job.ending);

describe('the jobs of a run', () => {
  it('are all sent, each once, and followed to their ends', async () => {
    const shares: number[] = [];
    const jobs = await runJobs(requests, { ...options, client: service(() => done), before: async (share) => void shares.push(share) });
    expect(new Set(jobs.map(({ request }) => request))).toEqual(new Set(requests));
    expect(endings(jobs)).toEqual(requests.map(() => done));
    expect(shares.sort((a, b) => a - b)).toEqual(requests.map((_, i) => i / 12));
  });

  it('are lost where their ids mean nothing, or when nothing has ended for too long', async () => {
    const jobs = await runJobs(requests, { ...options, patienceMs: 50, client: service((job) => (job === 2 ? 'unknown' : job === 5 ? undefined : done)) });
    expect(endings([...jobs].sort((a, b) => Number(a.id) - Number(b.id)))).toEqual(requests.map((_, i) => (i === 2 || i === 5 ? 'lost' : done)));
  });

  it('are never more under way than may be', async () => {
    let [open, most] = [0, 0];
    const jobs = await runJobs(requests, { ...options, inFlight: 4, client: service(() => ((open -= 1), done)), onJob: () => (most = Math.max(most, (open += 1))) });
    expect(jobs).toHaveLength(12);
    expect(most).toBeLessThan(4 + 4); // each of four senders may have found the last place
  });

  it('are sent no more once time is up, and those that were sent come to their end', async () => {
    const limit = new AbortController();
    const taken = service(() => done);
    const submit = async (): Promise<string | undefined> => (limit.signal.aborted ? undefined : taken.submit());
    const jobs = await runJobs(requests, { ...options, limit: limit.signal, client: { ...taken, submit }, onJob: ({ id }) => id === '5' && limit.abort() });
    expect(jobs.length).toBeLessThan(12);
    expect(endings(jobs)).toEqual(jobs.map(() => done));
  });
});
