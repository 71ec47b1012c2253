import { describe, expect, it } from 'vitest';
import { eventually } from '../harness/index.js';
import { SlipstreamError, type Checkpoint } from '@slipstream/contracts';
import { makeJob } from './make-job.js';
import { pairOfEach, resultOf, untilStopped } from './queue-pair.js';

/** What Redis shows of a worker that died or fell silent, laid there by hand. */
describe('a job whose worker is lost', () => {
  const pair = pairOfEach();
  const recordKey = (id: string): string => `${pair.prefix}:generation:${id}`;
  const at = (step: number): Checkpoint => ({ step, tokens: [1, 2], stepMap: 'F'.repeat(step) });
  /** Leaves a job as one whose owner vanished. */
  const lose = (id: string, { losses = 0, reached = [0], ...checkpoints }: { losses?: number; bundle?: string; pictures?: (Checkpoint | null)[]; reached?: number[] } = {}) =>
    pair.redis.hset(recordKey(id), { status: 'in_progress', owner: 'gone', losses, reached: JSON.stringify(reached), checkpoints: JSON.stringify(checkpoints) });
  const bullKey = (id: string): string => `${pair.prefix}:generations:${id}`;

  it('stops where its lock has run out, and runs again', async () => {
    const job = makeJob();
    let runs = 0;
    pair.consume(async (given, { signal }) => ((runs += 1) === 1 ? untilStopped(signal) : resultOf(given)), { lockDurationMs: 1_000 });
    await pair.queue.enqueue(job);
    await eventually(async () => runs === 1 && (await pair.redis.del(`${bullKey(job.id)}:lock`)) === 1, { what: 'the lock is gone' });
    expect((await pair.queue.follow(job.id, AbortSignal.timeout(20_000)))?.status).toBe('completed');
    expect(pair.reports.map(({ outcome }) => outcome)).toEqual(['lost', 'completed']);
    expect(runs).toBe(2);
  });

  it('is not blamed by a worker that lost its lock and lives', async () => {
    const job = makeJob();
    let runs = 0;
    pair.consume(async (given, { signal }) => ((runs += 1) === 1 ? untilStopped(signal) : resultOf(given)), { lockDurationMs: 1_000 });
    await pair.queue.enqueue(job);
    await eventually(async () => runs === 1 && (await pair.redis.del(`${bullKey(job.id)}:lock`)) === 1, { what: 'the lock is gone' });
    expect(await pair.queue.follow(job.id, AbortSignal.timeout(20_000))).toMatchObject({ status: 'completed', losses: 0 });
  });

  it('goes on from its checkpoints, and tells which steps are done again', async () => {
    const job = makeJob({ settings: { n: 2 } });
    await pair.queue.enqueue(job);
    await lose(job.id, { bundle: 'digest', pictures: [at(3), null], reached: [5, 2] });
    const begun: unknown[] = [];
    const takeOvers: unknown[] = [];
    pair.consume(async (given, { checkpoints }) => (begun.push(checkpoints), resultOf(given)), { onTakeOver: ({ repeated, losses }) => takeOvers.push({ repeated, losses }) });
    expect(await pair.queue.follow(job.id, AbortSignal.timeout(10_000))).toMatchObject({ status: 'completed', losses: 1, repeatedSteps: 4 });
    expect(begun).toEqual([[at(3), null]]);
    expect(takeOvers).toEqual([{ repeated: [2, 2], losses: 1 }]);
  });

  it('begins at its beginning where the checkpoints are of another bundle', async () => {
    const job = makeJob();
    await pair.queue.enqueue(job);
    await lose(job.id, { bundle: 'another', pictures: [at(3)], reached: [5] });
    const begun: unknown[] = [];
    pair.consume(async (given, { checkpoints }) => (begun.push(checkpoints), resultOf(given)));
    expect(await pair.queue.follow(job.id, AbortSignal.timeout(10_000))).toMatchObject({ status: 'completed', repeatedSteps: 5 });
    expect(begun).toEqual([[null]]);
  });

  it('takes no checkpoint from a worker that it does not belong to any more', async () => {
    const job = makeJob();
    let write = (): void => {};
    pair.consume(async (_job, { signal, progress }) => {
      write = () => progress(0, { step: 4, checkpoint: at(4) });
      return untilStopped(signal);
    });
    await pair.queue.enqueue(job);
    await eventually(async () => (await pair.queue.record(job.id))?.status === 'in_progress', { what: 'the job runs' });
    await pair.redis.hset(recordKey(job.id), 'owner', 'another');
    write();
    await eventually(() => pair.reports.some(({ outcome }) => outcome === 'lost'), { what: 'the worker hears that it is not the owner' });
    expect(await pair.redis.hmget(recordKey(job.id), 'checkpoints', 'step')).toEqual([null, null]);
  });

  it('runs alone once it has lost two, and its mates wait outside without harm', async () => {
    const suspect = makeJob();
    await pair.queue.enqueue(suspect);
    await lose(suspect.id, { losses: 1 });
    const mates = [makeJob(), makeJob(), makeJob()];
    let release = (): void => {};
    const inside = new Set<string>();
    const seen: string[][] = [];
    pair.consume(async (job) => {
      inside.add(job.id);
      seen.push([...inside]);
      if (job.id === suspect.id) await new Promise<void>((resolve) => (release = resolve));
      inside.delete(job.id);
      return resultOf(job);
    });
    await eventually(() => inside.has(suspect.id), { what: 'the suspect runs' });
    await Promise.all(mates.map((mate) => pair.queue.enqueue(mate)));
    await eventually(async () => (await pair.queue.backlog()).activeJobs === 4, { what: 'the mates are in hand' });
    for (const mate of mates) expect((await pair.queue.record(mate.id))?.status).toBe('queued');
    release();
    const records = await Promise.all([suspect, ...mates].map(({ id }) => pair.queue.follow(id, AbortSignal.timeout(10_000))));
    expect(records.map((record) => [record?.status, record?.losses])).toEqual([['completed', 2], ['completed', 0], ['completed', 0], ['completed', 0]]);
    expect(seen[0]).toEqual([suspect.id]);
  });

  it('lets its mates in as soon as it says that it cannot hurt them', async () => {
    const [suspect, mate] = [makeJob(), makeJob()];
    await pair.queue.enqueue(suspect);
    await lose(suspect.id, { losses: 1 });
    let release = (): void => {};
    pair.consume(async (job, { leaveCompany }) => {
      if (job.id === suspect.id) {
        leaveCompany();
        await new Promise<void>((resolve) => (release = resolve));
      }
      return resultOf(job);
    });
    await pair.queue.enqueue(mate);
    expect((await pair.queue.follow(mate.id, AbortSignal.timeout(10_000)))?.status).toBe('completed');
    const [owner, safe] = await pair.redis.hmget(recordKey(suspect.id), 'owner', 'safe');
    expect(safe).toBe(owner);
    release();
    expect((await pair.queue.follow(suspect.id, AbortSignal.timeout(10_000)))?.status).toBe('completed');
  });

  it('is not blamed for a worker that was lost when it could not hurt it any more', async () => {
    const job = makeJob();
    await pair.queue.enqueue(job);
    await lose(job.id, { losses: 2 });
    await pair.redis.hset(recordKey(job.id), 'safe', 'gone');
    pair.consume(async (given) => resultOf(given));
    expect(await pair.queue.follow(job.id, AbortSignal.timeout(10_000))).toMatchObject({ status: 'completed', losses: 2 });
  });

  it('fails by name once three were lost, is listed, and an operator can try it again', async () => {
    const job = makeJob();
    await pair.queue.enqueue(job);
    await lose(job.id, { losses: 2 });
    let runs = 0;
    pair.consume(async (given) => ((runs += 1), resultOf(given)));
    expect(await pair.queue.follow(job.id, AbortSignal.timeout(10_000))).toMatchObject({ status: 'failed', error: { code: 'worker_lost' } });
    expect(runs).toBe(0);
    expect((await pair.queue.failed()).map(({ id }) => id)).toEqual([job.id]);
    await eventually(async () => (await pair.redis.exists(bullKey(job.id))) === 0, { what: 'the queue has let go of it' });
    expect(await pair.queue.retry(job.id)).toBe(true);
    expect(await pair.queue.follow(job.id, AbortSignal.timeout(10_000))).toMatchObject({ status: 'completed', losses: 0 });
    expect([runs, await pair.queue.failed(), await pair.queue.retry(job.id)]).toEqual([1, [], false]);
  });

  it('is not failed by a worker whose engine dies, but counts a loss', async () => {
    const job = makeJob();
    let runs = 0;
    pair.consume(async (given) => {
      if ((runs += 1) === 1) throw new SlipstreamError('worker_lost', 'the engine died');
      return resultOf(given);
    });
    await pair.queue.enqueue(job);
    expect(await pair.queue.follow(job.id, AbortSignal.timeout(10_000))).toMatchObject({ status: 'completed', losses: 1 });
  });

  it('settles once: the first end stays, whatever a late worker brings', async () => {
    const job = makeJob();
    let release = (): void => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    pair.consume(async (given) => (await held, resultOf(given)));
    await pair.queue.enqueue(job);
    await eventually(async () => (await pair.queue.record(job.id))?.status === 'in_progress', { what: 'the job runs' });
    await pair.redis.hset(`${pair.prefix}:generation:${job.id}`, 'status', 'failed', 'error', JSON.stringify({ code: 'worker_lost', message: 'm' }));
    release();
    await eventually(() => pair.reports.length === 1, { what: 'the worker is done' });
    expect(pair.reports[0]!.outcome).toBe('lost');
    expect(await pair.queue.record(job.id)).toMatchObject({ status: 'failed', pictures: [] });
  });
});
