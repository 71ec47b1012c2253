import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { GenerationJob, GenerationRecord } from '@slipstream/contracts';
import { readPngText } from '@slipstream/pictures';
import type { GenerationQueue } from '@slipstream/queue';
import { eventually, scratch, startWorker, type RunningServer, type Scratch } from '../harness/index.js';
import { makeJob } from '../queue/make-job.js';
import { openQueue } from './open-queue.js';

/** The shipped model: its steps last long enough for a job to be met in the middle on any machine. */
const bundle = fileURLToPath(new URL('../../../bundles/emoji', import.meta.url));
const slow = { model: 'emoji', n: 4, steps: 32, budget: 32, strategy: 'vanilla', knobs: {}, seed: 100 } as const;
/** A strategy that leaves no checkpoints. */
const uninterrupted = { strategy: 'dllm-cache', knobs: { promptInterval: 10, responseInterval: 4, updateRatio: 0.25 } } as const;
const deadlineMs = 120_000;

describe('workers as processes', { timeout: 180_000 }, () => {
  let own: Scratch;
  let queue: GenerationQueue;
  let running: RunningServer[] = [];
  beforeAll(async () => {
    own = await scratch('take-over');
    queue = await openQueue(own.env);
  });
  afterEach(async () => {
    await Promise.all(running.map((worker) => worker.stop('SIGKILL')));
    running = [];
  });
  afterAll(async () => {
    await queue.close();
    await own.dispose();
  });

  async function start(env: Record<string, string> = {}): Promise<RunningServer> {
    const worker = await startWorker({ ...own.env, BUNDLE: bundle, ENGINE_CAPACITY: '4', ...env });
    running.push(worker);
    await worker.ready(90_000);
    return worker;
  }
  async function enqueue(count: number, settings: Partial<GenerationJob['settings']> = {}): Promise<GenerationJob[]> {
    const jobs = Array.from({ length: count }, () => makeJob({ settings: { ...slow, ...settings } }));
    await Promise.all(jobs.map((job) => queue.enqueue(job)));
    return jobs;
  }
  const recordsOf = (jobs: GenerationJob[]): Promise<(GenerationRecord | undefined)[]> => Promise.all(jobs.map(({ id }) => queue.record(id)));
  const isBegun = (record: GenerationRecord | undefined): boolean => record?.status === 'in_progress' && record.step > 0 && record.step <= slow.steps / 2;
  const goOn = (worker: RunningServer): boolean => process.kill(worker.pid, 'SIGCONT');
  /** Halts the worker where one of the jobs is begun and half of it is left at the least, and tells how they stand: whatever this machine does meanwhile, none gets any further. */
  const haltInTheMiddle = (worker: RunningServer, jobs: GenerationJob[]) => eventually(async () => {
    if (!(await recordsOf(jobs)).some(isBegun)) return false;
    process.kill(worker.pid, 'SIGSTOP');
    const records = await recordsOf(jobs);
    if (records.some(isBegun)) return records;
    goOn(worker);
    return false;
  }, { what: 'a job is in the middle', deadlineMs: 60_000, intervalMs: 10 });
  /** Asks a halted worker to leave. */
  const leave = (worker: RunningServer, deadlineMs?: number) => {
    const exit = worker.stop('SIGTERM', deadlineMs);
    goOn(worker); // and the first that it hears is the signal
    return exit;
  };
  const finished = (jobs: GenerationJob[]) => Promise.all(jobs.map(({ id }) => queue.follow(id, AbortSignal.timeout(deadlineMs))));
  const bytesOf = (record: GenerationRecord): Promise<Buffer[]> => Promise.all(record.pictures.map(({ key }) => readFile(fileURLToPath(`${own.env['STORAGE_URL']}/${key}`))));

  /** Steps of pictures that are known to be still to do, of jobs as they were met. */
  const stepsLeft = (records: (GenerationRecord | undefined)[]): number => records.reduce((total, record) => total + slow.n * (slow.steps - record!.step), 0);
  const sampled = async (worker: RunningServer): Promise<number> => {
    const metrics = await (await fetch(`${worker.url}/metrics`)).text();
    return [...metrics.matchAll(/^slipstream_steps_total\{kind="(full|head)"\} (\d+)/gm)].reduce((total, [, , count]) => total + Number(count), 0);
  };

  it('go on with the jobs of one that was killed, from their checkpoints, to the same bytes', async () => {
    const doomed = await start();
    const jobs = await enqueue(6);
    const before = await haltInTheMiddle(doomed, jobs);
    await doomed.stop('SIGKILL');
    const heir = await start();
    const records = await finished(jobs);
    expect(await sampled(heir)).toBeLessThanOrEqual(stepsLeft(before));
    expect(records.some((record) => record?.losses === 1)).toBe(true);
    for (const record of records) expect(record!.repeatedSteps).toBeLessThanOrEqual(slow.n); // a segment is one step where every one is full
    expect(heir.output()).toContain('generation taken over');
    expect(records.map((record) => record?.status)).toEqual(jobs.map(() => 'completed'));
    const pictures = await Promise.all(records.map((record) => bytesOf(record!)));
    for (const other of pictures) expect(other.map((bytes) => bytes.toString('base64'))).toEqual(pictures[0]!.map((bytes) => bytes.toString('base64')));
    expect(new Set(pictures[0]!.map((bytes) => bytes.toString('base64'))).size).toBe(slow.n);
  });

  it('tell in the record and in the picture how it was made', async () => {
    await start();
    const job = makeJob({ settings: { model: 'emoji', n: 2, seed: 5, prompt: 'crème brûlée 🍮' } });
    await queue.enqueue(job);
    const [record] = await finished([job]);
    expect(record?.provenance).toMatchObject({ seed: 5, strategy: 'shortcut', steps: 8, full_steps: 3, shortcut_steps: 5, partial_steps: 0, speedup: { baseline: expect.stringContaining('every one full') } });
    expect(record!.provenance!.bundle).toMatch(/^[0-9a-f]{64}$/);
    expect(record!.provenance!.seconds.engine).toBeGreaterThan(0);
    const texts = (await bytesOf(record!)).map((bytes) => readPngText(bytes));
    expect(texts).toEqual([5, 6].map((seed) => ({ bundle: record!.provenance!.bundle, seed, strategy: 'shortcut', steps: 8, full_steps: 3, shortcut_steps: 5, partial_steps: 0, budget: 3, placement: 'steps', guidance: 2, temperature: 1, prompt: 'crème brûlée 🍮' })));
  });

  it('hand back on SIGTERM at the next checkpoint, long before the deadline, and exit with 0', async () => {
    const leaving = await start({ DRAIN_SECONDS: '600' });
    const jobs = await enqueue(6);
    await haltInTheMiddle(leaving, jobs);
    expect((await leave(leaving)).code).toBe(0);
    const left = await recordsOf(jobs);
    expect(left.every((record) => record?.status === 'queued' || record?.status === 'completed')).toBe(true);
    expect(left.some((record) => record?.status === 'queued' && record.step > 0)).toBe(true);
    expect(leaving.output()).toContain('handed_back');
    const heir = await start();
    const records = await finished(jobs);
    expect(await sampled(heir)).toBeLessThanOrEqual(stepsLeft(left));
    expect(records.map((record) => [record?.status, record?.losses, record?.repeatedSteps])).toEqual(jobs.map(() => ['completed', 0, 0]));
  });

  it('hand back on SIGTERM from the beginning what has no checkpoint in time', async () => {
    const leaving = await start({ DRAIN_SECONDS: '0' });
    const jobs = await enqueue(1, uninterrupted);
    await haltInTheMiddle(leaving, jobs);
    expect((await leave(leaving)).code).toBe(0);
    expect((await recordsOf(jobs))[0]?.status).toBe('queued');
  });

  it('finish on SIGTERM what has no checkpoint in front of it, refusing new work and saying so', async () => {
    const leaving = await start({ DRAIN_SECONDS: '60' });
    const [first] = await enqueue(1, uninterrupted);
    await haltInTheMiddle(leaving, [first!]);
    const exit = leave(leaving, 70_000);
    await eventually(async () => leaving.hasExited() || (await fetch(`${leaving.url}/readyz`).then(({ status }) => status === 503, () => leaving.hasExited())), { what: 'the worker is not ready any more' });
    expect((await exit).code).toBe(0);
    expect((await queue.record(first!.id))?.status).toBe('completed');
  });

  it('stop a cancelled job at its next step, and go on with the others', async () => {
    const worker = await start();
    const [cancelled, other] = await enqueue(2);
    await haltInTheMiddle(worker, [cancelled!]);
    await queue.cancel(cancelled!.id);
    goOn(worker);
    const [stopped, kept] = await finished([cancelled!, other!]);
    expect([stopped?.status, kept?.status]).toEqual(['cancelled', 'completed']);
    const metrics = await (await fetch(`${worker.url}/metrics`)).text();
    expect(metrics).toMatch(/slipstream_requests_total\{status="cancelled"\} 1/);
    expect(metrics).toMatch(/slipstream_steps_total\{kind="full"\} \d+/);
  });
});
