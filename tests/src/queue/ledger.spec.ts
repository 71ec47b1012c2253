import { describe, expect, it } from 'vitest';
import { SlipstreamError } from '@slipstream/contracts';
import { eventually } from '../harness/index.js';
import { makeJob } from './make-job.js';
import { pairOfEach, resultOf, untilStopped } from './queue-pair.js';

const settled = { pictures: 0, fullSteps: 0, shortcutSteps: 0, taken: 0, held: 0, waiting: 0 };
/** Of one job of two pictures, three full steps of eight each, in BullMQ. */
const one = { pictures: 2, fullSteps: 6, shortcutSteps: 10, taken: 2, held: 2 };

/** What is counted of jobs that do not go straight from line to end; read past `backlog()`, which forgets all once nothing is left. */
describe('the ledger', () => {
  const pair = pairOfEach();

  const makePair = () => makeJob({ tenant: 't', settings: { n: 2 } });
  const statusOf = async (id: string) => (await pair.queue.record(id))?.status;
  const ended = async (id: string) => (await pair.queue.follow(id, AbortSignal.timeout(20_000)))?.status;
  const runs = (id: string) => eventually(async () => (await statusOf(id)) === 'in_progress', { what: 'the job runs' });
  const isIn = (list: string, id: string) => eventually(async () => (await pair.redis.lpos(`${pair.prefix}:${list}`, id)) !== null, { what: `the job is in ${list}` });
  const recordKey = (id: string) => `${pair.prefix}:generation:${id}`;
  async function ledger() {
    const [counts, held, waiting] = await Promise.all([pair.redis.hgetall(`${pair.prefix}:backlog`), pair.redis.hget(`${pair.prefix}:held`, 't'), pair.redis.zcard(`${pair.prefix}:waiting`)]);
    const { pictures, fullSteps, shortcutSteps, taken } = Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, Number(count)]));
    return { pictures, fullSteps, shortcutSteps, taken, held: Number(held ?? 0), waiting };
  }

  it('counts a job once that is handed back, waits longer than its record was kept for, and ends elsewhere', async () => {
    const job = makePair();
    await pair.queue.enqueue(job);
    const leaving = pair.consume((_job, { signal }) => untilStopped(signal));
    await runs(job.id);
    expect(await ledger()).toEqual({ ...one, waiting: 0 });
    await pair.redis.pexpire(recordKey(job.id), 10_000);
    await leaving.close({ deadlineMs: 0 });
    expect(await ledger()).toEqual({ ...one, waiting: 1 });
    expect(await pair.redis.pttl(recordKey(job.id))).toBeGreaterThan(60_000);
    pair.consume(async (given) => resultOf(given));
    expect(await ended(job.id)).toBe('completed');
    expect(await ledger()).toEqual(settled);
  });

  it('counts a job once that is taken over from a lost worker', async () => {
    const job = makePair();
    const seen: unknown[] = [];
    pair.consume(async (given, { signal }) => (seen.push(await ledger()), seen.length === 1 ? untilStopped(signal) : resultOf(given)), { lockDurationMs: 1_000 });
    await pair.queue.enqueue(job);
    await eventually(async () => seen.length === 1 && (await pair.redis.del(`${pair.prefix}:generations:${job.id}:lock`)) === 1, { what: 'the lock is gone' });
    expect(await ended(job.id)).toBe('completed');
    expect(seen.at(-1)).toEqual({ ...one, waiting: 0 });
    expect(await ledger()).toEqual(settled);
  });

  it('counts a failed job again, and in its line, that an operator tries again', async () => {
    const job = makePair();
    const failing = pair.consume(() => Promise.reject(new SlipstreamError('invalid_request', 'no')));
    await pair.queue.enqueue(job);
    expect(await ended(job.id)).toBe('failed');
    expect(await ledger()).toEqual(settled);
    await failing.close({ deadlineMs: 0 });
    expect(await pair.queue.retry(job.id)).toBe(true);
    await isIn('generations:wait', job.id);
    expect(await ledger()).toEqual({ ...one, waiting: 1 });
    pair.consume(async (given) => resultOf(given));
    expect(await ended(job.id)).toBe('completed');
    expect(await ledger()).toEqual(settled);
  });

  it('is empty after jobs were cancelled in work, in BullMQ and in line', async () => {
    pair.consume((_job, { signal }) => untilStopped(signal), { concurrency: 1 });
    const [inWork, inBullMq, inLine] = [makePair(), makePair(), makePair()];
    await pair.queue.enqueue(inWork);
    await runs(inWork.id);
    await pair.redis.hset(`${pair.prefix}:hands`, 'total', 3);
    await pair.queue.enqueue(inBullMq);
    await isIn('generations:wait', inBullMq.id);
    await pair.queue.enqueue(inLine);
    await isIn('line:interactive:t', inLine.id);
    for (const { id } of [inLine, inBullMq, inWork]) await pair.queue.cancel(id);
    for (const { id } of [inLine, inBullMq, inWork]) expect(await ended(id)).toBe('cancelled');
    expect(await ledger()).toEqual(settled);
    expect(await pair.redis.exists(`${pair.prefix}:generations:${inBullMq.id}`)).toBe(0);
  });

  it('is empty after a job was cancelled that waited for another try, which it does not get', async () => {
    const job = makePair();
    let tries = 0;
    pair.consume(() => ((tries += 1), Promise.reject(new SlipstreamError('storage_unavailable', 'away'))));
    await pair.queue.enqueue(job);
    await eventually(() => pair.reports.some(({ outcome }) => outcome === 'retried'), { what: 'it was tried in vain' });
    expect(await ledger()).toEqual({ ...one, waiting: 1 });
    expect((await pair.queue.cancel(job.id))?.status).toBe('cancelled');
    await eventually(async () => (await pair.redis.exists(`${pair.prefix}:generations:${job.id}`)) === 0, { what: 'the queue has let go of it' });
    expect([tries, await ledger()]).toEqual([1, settled]);
  });
});
