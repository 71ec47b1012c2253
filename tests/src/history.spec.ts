import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { expectProblem } from './harness/expect-problem.js';
import { ask, eventually, scratch, startLockedGateway, startWorker, type Answer, type LockedGateway, type Scratch } from './harness/index.js';

let own: Scratch;
let gateway: LockedGateway;
let headers: { authorization: string };

/** From now on another tenant asks. */
const becomeSomebody = async (): Promise<void> => void (headers = { authorization: `Bearer ${(await gateway.key({ tenant: `t-${randomUUID()}` })).key}` });

beforeAll(async () => {
  own = await scratch('history');
  gateway = await startLockedGateway(own.env);
}, 120_000);

afterAll(async () => {
  await gateway?.stop();
  await own?.dispose();
}, 60_000);

beforeEach(becomeSomebody);

const call = (path: string, question: Parameters<typeof ask>[1] = {}): Promise<Answer> => ask(`${gateway.url}/v1/generations${path}`, { ...question, headers });
const accept = async (): Promise<string> => (await call('', { json: { prompt: 'sun' } })).body.id;
const idsOf = ({ body }: Answer): string[] => body.data.map(({ id }: { id: string }) => id);

describe('a tenant’s generations', () => {
  it('are listed the latest first, page by page, and nobody else’s', async () => {
    const ids: string[] = [];
    for (let i = 0; i < 7; i++) ids.unshift(await accept());
    const mine = headers;
    await becomeSomebody();
    const theirs = await accept();
    headers = mine;
    expectProblem(await call(`/${theirs}`, { method: 'DELETE' }), { status: 404, code: 'generation_not_found' });
    expectProblem(await call(`/${theirs}/events`), { status: 404, code: 'generation_not_found' });
    const all = await call('');
    expect(new Set(idsOf(all))).toEqual(new Set(ids)); // those of one millisecond in any order
    expect(all.body).toMatchObject({ object: 'list', has_more: false });
    const pages: string[] = [];
    for (let after = ''; ; ) {
      const page = await call(`?limit=3${after}`);
      pages.push(...idsOf(page));
      if (!page.body.has_more) break;
      after = `&after=${page.body.last_id}`;
    }
    expect(pages).toEqual(idsOf(all));
  });

  it('are narrowed by status and time', async () => {
    const [waits, stopped] = [await accept(), await accept()];
    await call(`/${stopped}/cancel`, { method: 'POST' });
    expect(idsOf(await call('?status=queued'))).toEqual([waits]);
    expect(idsOf(await call('?status=cancelled&limit=1'))).toEqual([stopped]);
    const now = Math.floor(Date.now() / 1000);
    expect(idsOf(await call(`?created_after=${now + 60}`))).toEqual([]);
    expect(idsOf(await call(`?created_before=${now - 60}`))).toEqual([]);
    expect(idsOf(await call(`?created_after=${now - 60}&created_before=${now + 60}`))).toHaveLength(2);
  });

  it.each([['?status=done', 'status'], ['?limit=0', 'limit'], ['?limit=101', 'limit'], ['?created_after=yesterday', 'created_after'], ['?after=1&after=2', 'after']])('are not listed by %s', async (query, param) => {
    expectProblem(await call(query), { status: 400, code: 'invalid_request', param });
  });

  it('are forgotten with their pictures, once they have ended', async () => {
    const id = await accept();
    expectProblem(await call(`/${id}`, { method: 'DELETE' }), { status: 409, code: 'generation_unsettled', says: /cancel it first/ });
    const worker = await startWorker(own.env);
    try {
      const done = await eventually(async () => { const { body } = await call(`/${id}`); return body.status === 'completed' && body; }, { what: 'it completes', deadlineMs: 100_000 });
      expect(done.expires_at).toBe(done.completed_at + 600);
      expect((await call(`/${id}`, { method: 'DELETE' })).body).toEqual({ id, object: 'generation', deleted: true });
      expectProblem(await call(`/${id}`), { status: 404, code: 'generation_not_found' });
      expectProblem(await ask(done.data[0].url), { status: 404, code: 'picture_not_found' });
      expectProblem(await call(`/${id}`, { method: 'DELETE' }), { status: 404, code: 'generation_not_found' });
      expect(idsOf(await call(''))).toEqual([]);
    } finally {
      await worker.stop();
    }
  }, 120_000);
});
