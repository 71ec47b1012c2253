import { beforeEach, describe, expect, it } from 'vitest';
import { jobsAhead, laneCharges } from '@slipstream/admission';
import type { GenerationJob } from '@slipstream/contracts';
import { eventually } from '../harness/index.js';
import { makeJob } from './make-job.js';
import { openPair, pairOfEach, resultOf, untilStopped } from './queue-pair.js';

const hands = 4;
const limits = { requestsPerMinute: 1_000_000, pictures: 20, backlogSeconds: 1_000_000 };
const soon = { deadlineMs: 25_000 };

describe('the queue under load', { timeout: 120_000 }, () => {
  const pair = pairOfEach();
  const started: GenerationJob[] = [];
  beforeEach(() => void (started.length = 0));

  const work = async (job: GenerationJob) => (started.push(job), resultOf(job));
  const enqueue = (count: number, given: Parameters<typeof makeJob>[0]): Promise<GenerationJob[]> =>
    Promise.all(Array.from({ length: count }, async () => { const job = makeJob(given); await pair.queue.enqueue(job); return job; }));
  const inTime = (ms: number, createdAtMs = Date.now()) => ({ createdAtMs, startByMs: createdAtMs + ms });
  /** Jobs that started between the acceptance of one more and its own start. */
  async function passedBy(given: Parameters<typeof makeJob>[0]): Promise<number> {
    const [job] = await enqueue(1, given);
    const before = started.length;
    await pair.queue.follow(job!.id, AbortSignal.timeout(20_000));
    return started.findIndex(({ id }) => id === job!.id) - before;
  }

  it('starts the first job of a tenant within a batch, though another has ten thousand waiting', async () => {
    await enqueue(10_000, { tenant: 'many' });
    expect(await pair.queue.backlog()).toMatchObject({ waitingJobs: 10_000, pictures: 10_000 });
    pair.consume(work, { concurrency: hands });
    await eventually(() => started.length >= 20, { what: 'the many are at work', ...soon });
    expect(await passedBy({ tenant: 'one' })).toBeLessThanOrEqual(hands + jobsAhead + 1);
    expect(started.length).toBeLessThan(5_000);
  });

  it('starts interactive work before batch work, which keeps its share', async () => {
    await enqueue(300, { tenant: 'bulk', lane: 'batch' });
    pair.consume(work, { concurrency: hands });
    await eventually(() => started.length >= 20, { what: 'batch work runs', ...soon });
    expect(await passedBy({ tenant: 'person' })).toBeLessThanOrEqual(hands + jobsAhead + 1);
    await enqueue(200, { tenant: 'person' });
    const before = started.length;
    await eventually(() => started.length >= before + 150, { what: 'both have run', ...soon });
    const batch = started.slice(before, before + 150).filter(({ lane }) => lane === 'batch').length;
    expect(batch).toBeGreaterThanOrEqual(Math.floor(150 / (laneCharges.batch + 1)) - hands);
    expect(batch).toBeLessThan(75);
  });

  it('puts no more into BullMQ than the fleet has hands for, and one', async () => {
    await enqueue(50, {});
    const hang = async (job: GenerationJob, { signal }: { signal: AbortSignal }) => (started.push(job), untilStopped(signal));
    pair.consume(hang, { concurrency: hands });
    pair.consume(hang, { concurrency: 2 });
    const inside = async () => (await pair.redis.llen(`${pair.prefix}:generations:wait`)) + (await pair.redis.llen(`${pair.prefix}:generations:active`));
    await eventually(() => started.length === hands + 2, { what: 'every hand is full', ...soon });
    await eventually(async () => (await inside()) === hands + 2 + jobsAhead, { what: 'one lies ready', ...soon });
    expect(await pair.queue.backlog()).toMatchObject({ waitingJobs: 50 - hands - 2, activeJobs: hands + 2 });
  });

  it('counts pictures, not jobs: those of ten fill the hands as ten jobs do', async () => {
    await enqueue(20, { tenant: 'many', settings: { n: 10 } });
    const hang = async (job: GenerationJob, { signal }: { signal: AbortSignal }) => (started.push(job), untilStopped(signal));
    pair.consume(hang, { concurrency: 32 });
    await eventually(() => started.length === 4, { what: 'the hands are full' });
    const [one] = await enqueue(1, { tenant: 'one' });
    await pair.queue.cancel(started[0]!.id);
    await eventually(() => started.length === 6, { what: 'the hands are full again' });
    expect(started[4]!.id).toBe(one!.id);
    expect(await pair.redis.hget(`${pair.prefix}:backlog`, 'taken')).toBe('41');
  });

  it('uses every hand again after workers left', async () => {
    const leaving = pair.consume(work, { concurrency: 20 });
    await eventually(async () => (await pair.redis.hget(`${pair.prefix}:hands`, 'total')) === '20', { what: 'its hands are known' });
    await leaving.close({ deadlineMs: 0 });
    expect(await pair.redis.hget(`${pair.prefix}:hands`, 'total')).toBe('0');
    const jobs = await enqueue(30, {});
    pair.consume(work, { concurrency: 2 });
    const records = await Promise.all(jobs.map(({ id }) => pair.queue.follow(id, AbortSignal.timeout(20_000))));
    expect(records.every((record) => record?.status === 'completed')).toBe(true);
  });

  it('shows work that missed its time to start as expired, though there is no worker, and never starts it', async () => {
    const [first, second] = await enqueue(2, inTime(300));
    const [patient] = await enqueue(1, {});
    const records = await Promise.all([first!, second!].map(({ id }) => pair.queue.follow(id, AbortSignal.timeout(10_000))));
    expect(records.map((record) => record?.status)).toEqual(['expired', 'expired']);
    expect(await pair.queue.backlog()).toMatchObject({ waitingJobs: 1, pictures: 1 });
    pair.consume(work);
    await pair.queue.follow(patient!.id, AbortSignal.timeout(10_000));
    expect(started.map(({ id }) => id)).toEqual([patient!.id]);
  });

  it('waits as long as it was told to, whatever the clock of the gateway says', async () => {
    const dayMs = 86_400_000;
    const [behind, ahead] = [await enqueue(1, inTime(60_000, Date.now() - dayMs)), await enqueue(1, inTime(300, Date.now() + dayMs))];
    expect((await pair.queue.follow(ahead[0]!.id, AbortSignal.timeout(10_000)))?.status).toBe('expired');
    expect((await pair.queue.record(behind[0]!.id))?.status).toBe('queued');
    pair.consume(work);
    expect((await pair.queue.follow(behind[0]!.id, AbortSignal.timeout(10_000)))?.status).toBe('completed');
  });

  it('cancels what is in line at once, and gives its place in the quota back', async () => {
    const jobs = await enqueue(2, { tenant: 't', settings: { n: 10 } });
    const more = makeJob({ tenant: 't' });
    expect(await pair.queue.enqueue(more, { limits })).toMatchObject({ verdict: 'refused', by: 'quota' });
    expect((await pair.queue.cancel(jobs[1]!.id))?.status).toBe('cancelled');
    expect(await pair.queue.enqueue(more, { limits })).toMatchObject({ verdict: 'admitted' });
    pair.consume(work);
    await pair.queue.follow(more.id, AbortSignal.timeout(10_000));
    expect(started.map(({ id }) => id)).toEqual([jobs[0]!.id, more.id]);
  });

  it('gives the quota back when pictures are done, and counts each tenant for itself', async () => {
    const [held] = await enqueue(1, { tenant: 't', settings: { n: 10 } });
    await enqueue(1, { tenant: 't', settings: { n: 10 } });
    const ask = () => pair.queue.enqueue(makeJob({ tenant: 't', settings: { n: 10 } }), { limits });
    expect(await ask()).toMatchObject({ verdict: 'refused', by: 'quota', retryAfterSeconds: expect.any(Number) });
    expect(await pair.queue.enqueue(makeJob({ tenant: 'other' }), { limits })).toMatchObject({ verdict: 'admitted' });
    pair.consume(work);
    await pair.queue.follow(held!.id, AbortSignal.timeout(10_000));
    expect(await ask()).toMatchObject({ verdict: 'admitted' });
  });

  it('makes one job of one key, however many ask at once, and refuses the key to another request', async () => {
    const other = openPair({ prefix: pair.prefix });
    await eventually(() => other.queue.check().then(() => true), { what: 'Redis answers' });
    const ask = (index: number, fingerprint: string, tenant = 't') => {
      const job = makeJob({ tenant });
      return (index % 2 ? pair : other).queue.enqueue(job, { idempotency: { key: 'k', fingerprint } }).then((admission) => ({ job, admission }));
    };
    const answers = await Promise.all(Array.from({ length: 60 }, (_, index) => ask(index, 'same')));
    const made = answers.filter(({ admission }) => admission.verdict === 'admitted');
    expect(made).toHaveLength(1);
    for (const { admission } of answers) if (admission.verdict !== 'admitted') expect(admission).toEqual({ verdict: 'known', id: made[0]!.job.id });
    expect((await ask(0, 'another')).admission).toEqual({ verdict: 'mismatch', id: made[0]!.job.id });
    expect((await ask(0, 'another', 'stranger')).admission.verdict).toBe('admitted');
    expect(await pair.queue.backlog()).toMatchObject({ waitingJobs: 2 });
    await other.close();
  });
});
