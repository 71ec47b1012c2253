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
  const enqueue = (count: number): GenerationJob[] => {
    const jobs = Array.from({ length: count }, () => makeJob({ settings: slow }));
    jobs.forEach((job) => void queue.enqueue(job));
    return jobs;
  };
  const recordsOf = (jobs: GenerationJob[]): Promise<(GenerationRecord | undefined)[]> => Promise.all(jobs.map(({ id }) => queue.record(id)));
  const inWork = (jobs: GenerationJob[]) => eventually(async () => {
    const records = await recordsOf(jobs);
    return records.some((record) => record?.status === 'in_progress' && record.step > 0) && records;
  }, { what: 'a job is in the middle', deadlineMs: 30_000, intervalMs: 5 });
  const finished = (jobs: GenerationJob[]) => Promise.all(jobs.map(({ id }) => queue.follow(id, AbortSignal.timeout(deadlineMs))));
  const bytesOf = (record: GenerationRecord): Promise<Buffer[]> => Promise.all(record.pictures.map(({ key }) => readFile(fileURLToPath(`${own.env['STORAGE_URL']}/${key}`))));

  it('finish the jobs of one that was killed, with the same bytes', async () => {
    const doomed = await start();
    const jobs = enqueue(6);
    const before = await inWork(jobs);
    await doomed.stop('SIGKILL');
    await start();
    const records = await finished(jobs);
    expect(before.some((record) => record?.status === 'in_progress')).toBe(true);
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

  it('hand back on SIGTERM what they cannot finish in time, and exit with 0', async () => {
    const leaving = await start({ DRAIN_SECONDS: '0' });
    const jobs = enqueue(6);
    await inWork(jobs);
    expect((await leaving.stop('SIGTERM')).code).toBe(0);
    const left = (await recordsOf(jobs)).map((record) => record!.status);
    expect(left.every((status) => status === 'queued' || status === 'completed')).toBe(true);
    expect(left).toContain('queued');
    const startedMs = Date.now();
    await start();
    expect((await finished(jobs)).map((record) => record?.status)).toEqual(jobs.map(() => 'completed'));
    expect(leaving.output()).toContain('handed_back');
    expect(Date.now() - startedMs).toBeLessThan(deadlineMs);
  });

  it('finish on SIGTERM what they can, refusing new work and saying so', async () => {
    const leaving = await start({ DRAIN_SECONDS: '60' });
    const [first] = enqueue(1);
    await inWork([first!]);
    const exit = leaving.stop('SIGTERM', 70_000);
    await eventually(async () => leaving.hasExited() || (await fetch(`${leaving.url}/readyz`).then(({ status }) => status === 503, () => leaving.hasExited())), { what: 'the worker is not ready any more' });
    expect((await exit).code).toBe(0);
    expect((await queue.record(first!.id))?.status).toBe('completed');
  });

  it('stop a cancelled job at its next step, and go on with the others', async () => {
    const worker = await start();
    const [cancelled, other] = enqueue(2);
    await inWork([cancelled!]);
    await queue.cancel(cancelled!.id);
    const [stopped, kept] = await finished([cancelled!, other!]);
    expect([stopped?.status, kept?.status]).toEqual(['cancelled', 'completed']);
    const metrics = await (await fetch(`${worker.url}/metrics`)).text();
    expect(metrics).toMatch(/slipstream_requests_total\{status="cancelled"\} 1/);
    expect(metrics).toMatch(/slipstream_steps_total\{kind="full"\} \d+/);
  });
});
