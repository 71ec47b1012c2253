import { describe, expect, it } from 'vitest';
import { SlipstreamError, type GenerationJob } from '@slipstream/contracts';
import type { JobContext } from '@slipstream/queue';
import { eventually } from '../harness/index.js';
import { makeJob } from './make-job.js';
import { pairOfEach, resultOf, untilStopped } from './queue-pair.js';

const finish = async (job: GenerationJob) => resultOf(job);
const hang = async (_job: GenerationJob, { signal }: JobContext) => untilStopped(signal);

describe('the generation queue on a real Redis', () => {
  const pair = pairOfEach();

  it('carries a job to a consumer and its result back to the follower', async () => {
    const job = makeJob({ settings: { prompt: 'slice of pizza 🍕' } });
    await pair.queue.enqueue(job);
    expect(await pair.queue.record(job.id)).toMatchObject({ status: 'queued', step: 0, steps: 8, settings: job.settings });
    pair.consume(finish);
    const record = await pair.queue.follow(job.id, AbortSignal.timeout(10_000));
    expect(record).toMatchObject({ id: job.id, status: 'completed', step: 8, pictures: [{ key: `pictures/${job.id}/0.png` }], provenance: { full_steps: 3, shortcut_steps: 5 } });
    expect(record!.endedAtMs! - record!.startedAtMs!).toBeGreaterThanOrEqual(0);
    expect(record!.expiresAtMs).toBe(record!.endedAtMs! + 60_000);
  });

  it('follows a generation that has settled before, and answers nothing for an unknown id', async () => {
    const job = makeJob();
    pair.consume(finish);
    await pair.queue.enqueue(job);
    await pair.queue.follow(job.id, AbortSignal.timeout(10_000));
    expect((await pair.queue.follow(job.id, AbortSignal.timeout(5_000)))?.status).toBe('completed');
    expect(await pair.queue.follow('gen-unknown', AbortSignal.timeout(5_000))).toBeUndefined();
    expect(await pair.queue.record('gen-unknown')).toBeUndefined();
    expect(await pair.queue.cancel('gen-unknown')).toBeUndefined();
  });

  it('leaves a generation alone when its follower goes', async () => {
    const job = makeJob();
    await pair.queue.enqueue(job);
    const leaving = new AbortController();
    const followed = pair.queue.follow(job.id, leaving.signal);
    leaving.abort(new Error('client went away'));
    await expect(followed).rejects.toThrow('client went away');
    pair.consume(finish);
    expect((await pair.queue.follow(job.id, AbortSignal.timeout(10_000)))?.status).toBe('completed');
  });

  it('accepts many requests of one moment, each exactly once', async () => {
    const jobs = Array.from({ length: 600 }, (_, index) => makeJob({ settings: { seed: index } }));
    await Promise.all(jobs.map((job) => pair.queue.enqueue(job)));
    const runs: string[] = [];
    pair.consume(async (job) => (runs.push(job.id), resultOf(job)), { concurrency: 64 });
    const records = await Promise.all(jobs.map((job) => pair.queue.follow(job.id, AbortSignal.timeout(25_000))));
    expect(records.map((record) => record?.status)).toEqual(jobs.map(() => 'completed'));
    expect(runs.toSorted()).toEqual(jobs.map(({ id }) => id).toSorted());
  });

  it('cancels a waiting generation at once, and no worker ever meets it', async () => {
    const [cancelled, next] = [makeJob(), makeJob()];
    await pair.queue.enqueue(cancelled);
    await pair.queue.enqueue(next);
    expect((await pair.queue.cancel(cancelled.id))?.status).toBe('cancelled');
    const met: string[] = [];
    pair.consume(async (job) => (met.push(job.id), resultOf(job)));
    await pair.queue.follow(next.id, AbortSignal.timeout(10_000));
    expect(met).toEqual([next.id]);
    expect((await pair.queue.cancel(next.id))?.status).toBe('completed');
  });

  it('stops a running generation through its signal', async () => {
    const job = makeJob();
    pair.consume(hang);
    await pair.queue.enqueue(job);
    await eventually(async () => (await pair.queue.record(job.id))?.status === 'in_progress', { what: 'the job runs' });
    expect((await pair.queue.cancel(job.id))?.status).toMatch(/^cancell(ing|ed)$/);
    expect((await pair.queue.follow(job.id, AbortSignal.timeout(5_000)))?.status).toBe('cancelled');
    expect(pair.reports.map(({ outcome }) => outcome)).toEqual(['cancelled']);
  });

  it('shows the step that a running generation has reached', async () => {
    const job = makeJob();
    pair.consume(async (_job, { signal, progress }) => {
      const timer = setInterval(() => progress(0, { step: 5 }), 20);
      return untilStopped(signal).finally(() => clearInterval(timer));
    });
    await pair.queue.enqueue(job);
    const record = await eventually(async () => ((await pair.queue.record(job.id))?.step === 5 ? pair.queue.record(job.id) : undefined), { what: 'step 5 shows' });
    expect(record).toMatchObject({ status: 'in_progress', step: 5, steps: 8 });
  });

  it('expires a generation whose time to start has passed', async () => {
    const job = makeJob({ startByMs: Date.now() - 60_000 });
    await pair.queue.enqueue(job);
    pair.consume(finish);
    expect((await pair.queue.follow(job.id, AbortSignal.timeout(10_000)))?.status).toBe('expired');
  });

  it('tries a retryable failure again, up to three times, and tells the last one', async () => {
    const job = makeJob();
    let tries = 0;
    pair.consume(async () => {
      tries += 1;
      throw new SlipstreamError('storage_full', 'no space left', { remedy: 'free some' });
    });
    await pair.queue.enqueue(job);
    const record = await pair.queue.follow(job.id, AbortSignal.timeout(20_000));
    expect(record).toMatchObject({ status: 'failed', error: { code: 'storage_full', message: 'no space left; free some' } });
    expect(tries).toBe(3);
    expect(pair.reports.map(({ outcome }) => outcome)).toEqual(['retried', 'retried', 'failed']);
  });

  it('does not try a failure again that would only repeat', async () => {
    const job = makeJob();
    pair.consume(async () => {
      throw new SlipstreamError('model_not_found', 'another bundle');
    });
    await pair.queue.enqueue(job);
    expect(await pair.queue.follow(job.id, AbortSignal.timeout(5_000))).toMatchObject({ status: 'failed', error: { code: 'model_not_found' } });
    expect(pair.reports.map(({ outcome }) => outcome)).toEqual(['failed']);
  });

  it('tells a stranger nothing of an unforeseen error', async () => {
    const job = makeJob();
    pair.consume(async () => {
      throw new TypeError('secret detail at /home/x');
    }, {});
    await pair.queue.enqueue(job);
    const record = await pair.queue.follow(job.id, AbortSignal.timeout(20_000));
    expect(record?.error?.code).toBe('internal_error');
    expect(JSON.stringify(record)).not.toContain('secret detail');
  });

  it('hands unfinished work back on shutdown, without an attempt spent', async () => {
    const job = makeJob();
    await pair.queue.enqueue(job);
    for (let shutdown = 1; shutdown <= 3; shutdown += 1) {
      const leaving = pair.consume(hang);
      await eventually(async () => (await pair.queue.record(job.id))?.status === 'in_progress', { what: `the job runs before shutdown ${shutdown}` });
      await leaving.close({ deadlineMs: 0 });
      expect((await pair.queue.record(job.id))?.status).toBe('queued');
    }
    pair.consume(finish);
    expect((await pair.queue.follow(job.id, AbortSignal.timeout(10_000)))?.status).toBe('completed');
  });

  it('counts the steps of unfinished work, and their seconds once a worker has told its costs', async () => {
    const jobs = [makeJob({ settings: { n: 2 } }), makeJob(), makeJob({ settings: { strategy: 'vanilla', budget: 8 } })];
    await Promise.all(jobs.map((job) => pair.queue.enqueue(job)));
    const filled = await eventually(async () => { const now = await pair.queue.backlog(); return now.pictures === 4 && now; }, { what: 'the backlog is counted' });
    expect(filled).toMatchObject({ waitingJobs: 3, activeJobs: 0, fullSteps: 2 * 3 + 3 + 8, shortcutSteps: 2 * 5 + 5, deviceSeconds: 0 });
    await pair.queue.cancel(jobs[2]!.id);
    const consumer = pair.consume(finish, { concurrency: 1 });
    await eventually(() => consumer.check().then(() => true), { what: 'the consumer is connected' });
    await consumer.reportCosts({ fullSeconds: 0.5, shortcutSeconds: 0.1 });
    await Promise.all(jobs.map((job) => pair.queue.follow(job.id, AbortSignal.timeout(10_000))));
    const drained = await eventually(async () => { const now = await pair.queue.backlog(); return now.activeJobs === 0 && now; }, { what: 'the queue is idle' });
    expect(drained).toEqual({ waitingJobs: 0, activeJobs: 0, pictures: 0, fullSteps: 0, shortcutSteps: 0, deviceSeconds: 0 });
    const later = makeJob();
    await consumer.close({ deadlineMs: 0 });
    await pair.queue.enqueue(later);
    await eventually(async () => Math.abs((await pair.queue.backlog()).deviceSeconds - (3 * 0.5 + 5 * 0.1)) < 1e-9, { what: 'the backlog is in device seconds' });
  });
});
