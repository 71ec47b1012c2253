import { describe, expect, it } from 'vitest';
import { SlipstreamError, type GenerationJob } from '@slipstream/contracts';
import { eventually } from '../harness/index.js';
import { makeJob } from './make-job.js';
import { pairOfEach, untilStopped } from './queue-pair.js';

/** The end comes from the gateway alone: no consumer lives when it is awaited. */
describe('a job that is cancelled while its worker leaves it', () => {
  const pair = pairOfEach();

  const ended = async ({ id }: GenerationJob) => (await pair.queue.follow(id, AbortSignal.timeout(10_000)))?.status;
  const statusOf = async ({ id }: GenerationJob) => (await pair.queue.record(id))?.status;
  const lockOf = ({ id }: GenerationJob) => `${pair.prefix}:generations:${id}:lock`;
  const recordOf = ({ id }: GenerationJob) => `${pair.prefix}:generation:${id}`;
  /** A job that waits, with what a worker left in its record. */
  async function leftBehind(fields: Record<string, string>): Promise<GenerationJob> {
    const job = makeJob();
    await pair.queue.enqueue(job);
    await pair.redis.hset(recordOf(job), { status: 'in_progress', owner: 'gone', ...fields });
    return job;
  }
  /** Runs a job until `end` rejects, and cancels it then by a message that its only worker does not hear. */
  async function cancelAfter(job: GenerationJob, end: (signal: AbortSignal) => Promise<never>): Promise<void> {
    const consumer = pair.consume((_job, { signal }) => end(signal).finally(() => pair.redis.hset(recordOf(job), { status: 'cancelling', cancel: 1 })));
    await pair.queue.enqueue(job);
    await eventually(async () => (await statusOf(job)) !== 'queued', { what: 'the job is taken' });
    await consumer.close({ deadlineMs: 0 });
  }

  it('ends as it is handed back', async () => {
    const job = makeJob();
    await cancelAfter(job, untilStopped);
    expect(await statusOf(job)).toBe('cancelled');
    expect(pair.reports.map(({ outcome }) => outcome)).toEqual(['cancelled']);
    expect(await pair.redis.hgetall(`${pair.prefix}:backlog`)).toMatchObject({ pictures: '0', fullSteps: '0', taken: '0' });
  });

  it('ends when its try was in vain', async () => {
    const job = makeJob();
    await cancelAfter(job, () => Promise.reject(new SlipstreamError('storage_unavailable', 'away')));
    expect(await statusOf(job)).toBe('cancelled');
  });

  it('ends at once when its worker is gone already, and leaves nothing in BullMQ', async () => {
    const job = await leftBehind({});
    expect((await pair.queue.cancel(job.id))?.status).toBe('cancelled');
    expect(await pair.redis.exists(`${pair.prefix}:generations:${job.id}`)).toBe(0);
  });

  it('ends when the lock of its worker has run out', async () => {
    const job = await leftBehind({});
    await pair.redis.set(lockOf(job), 'token', 'PX', 1_500);
    expect((await pair.queue.cancel(job.id))?.status).toBe('cancelling');
    expect(await ended(job)).toBe('cancelled');
    expect(await pair.redis.exists(lockOf(job))).toBe(0);
    await eventually(async () => (await pair.redis.exists(`${pair.prefix}:cancelling`, `${pair.prefix}:generations:${job.id}`)) === 0, { what: 'nothing is left of it' });
  });

  it('is left to its worker while that holds the lock', async () => {
    const [held, free] = [await leftBehind({}), await leftBehind({})];
    await pair.redis.set(lockOf(held), 'token');
    await pair.redis.set(lockOf(free), 'token', 'PX', 1_000);
    for (const { id } of [held, free]) await pair.queue.cancel(id);
    expect(await ended(free)).toBe('cancelled');
    expect(await statusOf(held)).toBe('cancelling');
  });
});
