import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { expectProblem } from './harness/expect-problem.js';
import { ask, eventually, scratch, startGateway, startWorker, type Answer, type RunningServer, type Scratch } from './harness/index.js';

/** One crowded engine: many rows share each run, so that a step lasts long enough to be met in the middle. */
const crowd = { jobs: 6, n: 10, capacity: 64 };
const heavy = { strategy: 'vanilla', steps: 16 };

let own: Scratch;
let gateway: RunningServer;
const workers: RunningServer[] = [];

beforeAll(async () => {
  own = await scratch('lifecycle');
  gateway = await startGateway({ ...own.env, SYNC_LIMIT_SECONDS: '60', DRAIN_SECONDS: '1' });
  await gateway.ready(100_000);
}, 120_000);

afterAll(async () => {
  await Promise.all([gateway, ...workers].map((server) => server?.stop('SIGKILL')));
  await own?.dispose();
}, 60_000);

async function addWorker(): Promise<RunningServer> {
  const worker = await startWorker({ ...own.env, ENGINE_CAPACITY: String(crowd.capacity) });
  workers.push(worker);
  await worker.ready(100_000);
  return worker;
}

const submit = async (body: object, headers: Record<string, string> = {}): Promise<Answer> => ask(`${gateway.url}/v1/generations`, { json: body, headers });
const read = async (id: string): Promise<Answer['body']> => (await ask(`${gateway.url}/v1/generations/${id}`)).body;
const cancel = async (id: string): Promise<Answer> => ask(`${gateway.url}/v1/generations/${id}/cancel`, { method: 'POST' });

async function reaches(id: string, status: string, deadlineMs = 60_000): Promise<Answer['body']> {
  return eventually(
    async () => {
      const record = await read(id);
      return record.status === status && record;
    },
    { what: `${id} is ${status}`, deadlineMs },
  );
}

async function bytesOf(record: Answer['body']): Promise<Buffer> {
  return Buffer.from(await (await fetch(record.data[0].url)).arrayBuffer());
}

/** The id of the job that a request made, from the log: a synchronous answer names it only at its end. */
async function jobOf(requestId: string): Promise<string> {
  return eventually(() => new RegExp(`"jobId":"(gen_\\w+)","requestId":"${requestId}"`).exec(gateway.output())?.[1], { what: `the job of ${requestId}` });
}

describe('without a worker', () => {
  it('a queued generation is cancelled at once, and again', async () => {
    const { id } = (await submit({ prompt: 'pizza' })).body;
    expect(await read(id)).toMatchObject({ status: 'queued', step: 0, steps: 8, progress: 0, started_at: null, data: null });
    for (let time = 0; time < 2; time++) expect(await cancel(id)).toMatchObject({ status: 200, body: { id, status: 'cancelled' } });
    expect(await read(id)).toMatchObject({ status: 'cancelled', data: null });
  });

  it('a client that hangs up cancels its synchronous generation', async () => {
    const hangUp = new AbortController();
    const answer = ask(`${gateway.url}/v1/images/generations`, { json: { prompt: 'pizza' }, headers: { 'x-request-id': 'hang-up' }, signal: hangUp.signal });
    const refused = expect(answer).rejects.toThrow(/abort/i);
    const id = await jobOf('hang-up');
    expect(await read(id)).toMatchObject({ status: 'queued' });
    hangUp.abort();
    await refused;
    await reaches(id, 'cancelled');
  });

  it('a synchronous client whose time is up is given the job instead', async () => {
    const answer = await ask(`${gateway.url}/v1/images/generations`, { json: { prompt: 'pizza' }, headers: { prefer: 'wait=1' } });
    expect(answer).toMatchObject({ status: 202, body: { object: 'generation', status: 'queued' } });
    expect([answer.headers.get('location'), answer.headers.get('preference-applied')]).toEqual([`/v1/generations/${answer.body.id}`, 'wait=1']);
    expect(await read(answer.body.id)).toMatchObject({ status: 'queued' });
    await cancel(answer.body.id);
  });

  it('a client of the asynchronous door that prefers to wait is told where the generation is by then, and leaves it behind', async () => {
    const prefer = (wish: string) => submit({ prompt: 'pizza' }, { prefer: wish });
    const early = await prefer('wait=1');
    expect(early).toMatchObject({ status: 202, body: { object: 'generation', status: 'queued' } });
    expect([early.headers.get('location'), early.headers.get('preference-applied')]).toEqual([`/v1/generations/${early.body.id}`, 'wait=1']);
    const hangUp = new AbortController();
    const left = ask(`${gateway.url}/v1/generations`, { json: { prompt: 'pizza' }, headers: { prefer: 'wait=50', 'x-request-id': 'left-behind' }, signal: hangUp.signal });
    const refused = expect(left).rejects.toThrow(/abort/i);
    const behind = await jobOf('left-behind');
    hangUp.abort();
    await refused;
    const atOnce = await prefer('respond-async, wait=50');
    expect([atOnce.status, atOnce.headers.get('preference-applied')]).toEqual([202, 'respond-async']);
    expect((await submit({ prompt: 'pizza' })).headers.get('preference-applied')).toBeNull();
    const waiting = ask(`${gateway.url}/v1/generations`, { json: { prompt: 'pizza' }, headers: { prefer: 'wait=50', 'x-request-id': 'ends-meanwhile' } });
    await cancel(await jobOf('ends-meanwhile'));
    expect(await waiting).toMatchObject({ status: 200, body: { status: 'cancelled' } });
    expect(await read(behind)).toMatchObject({ status: 'queued' });
    for (const id of [early.body.id, behind, atOnce.body.id]) await cancel(id);
  });

  it('a synchronous client is told when somebody else cancels its generation', async () => {
    const answer = ask(`${gateway.url}/v1/images/generations`, { json: { prompt: 'pizza' }, headers: { 'x-request-id': 'cancelled-under-me' } });
    await cancel(await jobOf('cancelled-under-me'));
    expectProblem(await answer, { status: 409, code: 'generation_cancelled' });
  });
});

describe('a generation that runs', () => {
  let worker: RunningServer;
  let reference: Buffer;
  const target = { prompt: 'slice of pizza', seed: 77, acceleration: heavy };

  beforeAll(async () => {
    worker = await addWorker();
    reference = await bytesOf(await reaches((await submit(target)).body.id, 'completed'));
  }, 120_000);

  /** Meets the target between two of its steps, with the worker stopped in its tracks; starts over when it came too late. */
  async function meetInTheMiddle(): Promise<{ id: string; others: string[] }> {
    for (let attempt = 0; attempt < 5; attempt++) {
      const others = await Promise.all(Array.from({ length: crowd.jobs }, (_, i) => submit({ prompt: 'crowd', n: crowd.n, seed: i, acceleration: heavy })));
      const { id } = (await submit(target)).body;
      await eventually(async () => ['in_progress', 'completed'].includes((await read(id)).status) && ((await read(id)).step > 0 || undefined), { what: 'the target has made a step', deadlineMs: 60_000 });
      process.kill(worker.pid, 'SIGSTOP');
      const { status, step, steps } = await read(id);
      if (status === 'in_progress' && step > 0 && step < steps) return { id, others: others.map(({ body }) => body.id) };
      process.kill(worker.pid, 'SIGCONT');
    }
    throw new Error('the target was always done too soon');
  }

  let meeting: { id: string; others: string[] };
  beforeEach(async () => {
    meeting = await meetInTheMiddle();
  }, 120_000);

  it('shows step k of N, stops at its next step when cancelled, and harms no other', async () => {
    const { id, others } = meeting;
    expect(await read(id)).toMatchObject({ status: 'in_progress', steps: 16, data: null, progress: expect.any(Number) });
    expect(await cancel(id)).toMatchObject({ status: 200, body: { status: 'cancelling' } });
    process.kill(worker.pid, 'SIGCONT');
    expect(await reaches(id, 'cancelled')).toMatchObject({ data: null, error: null });
    for (const other of others) await reaches(other, 'completed');
  }, 120_000);

  it('whose worker is killed completes on another one, with the same bytes', async () => {
    const { id, others } = meeting;
    await worker.stop('SIGKILL');
    worker = await addWorker();
    const record = await reaches(id, 'completed', 100_000);
    expect((await bytesOf(record)).equals(reference)).toBe(true);
    for (const other of others) await reaches(other, 'completed');
  }, 180_000);

  it('is finished or handed back by a worker that is asked to leave, which exits with 0', async () => {
    const { id, others } = meeting;
    const leaving = worker.stop('SIGTERM', 60_000);
    process.kill(worker.pid, 'SIGCONT');
    expect(await leaving).toEqual({ code: 0, signal: null });
    const left = await Promise.all([id, ...others].map(read));
    expect(left.map(({ status }) => status).filter((status) => status !== 'completed' && status !== 'queued')).toEqual([]);
    worker = await addWorker();
    expect((await bytesOf(await reaches(id, 'completed'))).equals(reference)).toBe(true);
    process.kill(worker.pid, 'SIGSTOP'); // the next test's SIGCONT ends it
  }, 180_000);
});

describe('the gateway that is asked to leave', () => {
  it('answers its waiting clients with their jobs and exits with 0', async () => {
    for (const worker of workers) await worker.stop('SIGKILL');
    const waiting = ask(`${gateway.url}/v1/images/generations`, { json: { prompt: 'pizza' }, headers: { 'x-request-id': 'drained' } });
    const id = await jobOf('drained');
    const leaving = gateway.stop('SIGTERM');
    expect(await waiting).toMatchObject({ status: 202, body: { id, status: 'queued' } });
    expect(await leaving).toEqual({ code: 0, signal: null });
    gateway = await startGateway(own.env);
    await gateway.ready(100_000);
    expect(await read(id)).toMatchObject({ id, status: 'queued' });
  }, 120_000);
});
