import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { expectProblem } from './harness/expect-problem.js';
import { ask, eventually, ownService, startLockedGateway, type Answer } from './harness/index.js';

const service = ownService('history', { start: startLockedGateway });
let headers: { authorization: string };

/** From now on another tenant asks. */
const becomeSomebody = async (): Promise<void> => void (headers = { authorization: `Bearer ${(await service.gateway.key({ tenant: `t-${randomUUID()}` })).key}` });

beforeEach(becomeSomebody);

const call = (path: string, question: Parameters<typeof ask>[1] = {}): Promise<Answer> => ask(`${service.url}/v1/generations${path}`, { ...question, headers });
const accept = async (prompt = 'sun'): Promise<string> => (await call('', { json: { prompt } })).body.id;
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

  it('are found by what their prompt has in it', async () => {
    const [crème] = [await accept('Crème brûlée 100 %'), await accept('brown bear')];
    expect(idsOf(await call(`?prompt=${encodeURIComponent('brÛlée 100 %')}`))).toEqual([crème]);
    expect(idsOf(await call('?prompt=br'))).toHaveLength(2);
    expect(idsOf(await call('?prompt=br&status=cancelled'))).toEqual([]);
    expect((await call('?prompt=b&limit=1')).body).toMatchObject({ has_more: true });
  });

  it.each([['?status=done', 'status'], ['?limit=0', 'limit'], ['?limit=101', 'limit'], ['?created_after=yesterday', 'created_after'], ['?after=1&after=2', 'after'], ['?prompt=', 'prompt'], [`?prompt=${'a'.repeat(257)}`, 'prompt'], ['?prompt=a&prompt=b', 'prompt']])('are not listed by %s', async (query, param) => {
    expectProblem(await call(query), { status: 400, code: 'invalid_request', param });
  });

  it('are forgotten with their pictures, once they have ended', async () => {
    const id = await accept();
    expectProblem(await call(`/${id}`, { method: 'DELETE' }), { status: 409, code: 'generation_unsettled', says: /cancel it first/ });
    await service.worker();
    const done = await eventually(async () => { const { body } = await call(`/${id}`); return body.status === 'completed' && body; }, { what: 'it completes', deadlineMs: 100_000 });
    expect(done.expires_at).toBe(done.completed_at + 600);
    expect((await call(`/${id}`, { method: 'DELETE' })).body).toEqual({ id, object: 'generation', deleted: true });
    expectProblem(await call(`/${id}`), { status: 404, code: 'generation_not_found' });
    expectProblem(await ask(done.data[0].url), { status: 404, code: 'picture_not_found' });
    expectProblem(await call(`/${id}`, { method: 'DELETE' }), { status: 404, code: 'generation_not_found' });
    expect(idsOf(await call(''))).toEqual([]);
  }, 120_000);
});
