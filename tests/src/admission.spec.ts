import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectProblem } from './harness/expect-problem.js';
import { ask, eventually, scratch, startGateway, startLockedGateway, startWorker, type Answer, type LockedGateway, type RunningServer, type Scratch } from './harness/index.js';

let own: Scratch;
const running: RunningServer[] = [];

/** A gateway of its own settings and queue; no worker unless a test starts one. */
async function gatewayWith(env: Record<string, string> = {}): Promise<RunningServer & { env: Record<string, string> }> {
  const all = { ...own.env, QUEUE_PREFIX: `${own.env['QUEUE_PREFIX']}-${running.length}`, ...env };
  const gateway = await startGateway(all);
  running.push(gateway);
  await gateway.ready(100_000);
  return { ...gateway, env: all };
}

/** The same, with tenants. */
async function lockedGatewayWith(env: Record<string, string> = {}): Promise<LockedGateway> {
  const gateway = await startLockedGateway({ ...own.env, QUEUE_PREFIX: `${own.env['QUEUE_PREFIX']}-${running.length}`, ...env });
  running.push(gateway);
  return gateway;
}

beforeAll(async () => void (own = await scratch('admission')));
afterAll(async () => {
  await Promise.all(running.map((server) => server.stop('SIGKILL')));
  await own.dispose();
}, 60_000);

const post = (server: { url: string }, json: object = {}, headers: Record<string, string> = {}): Promise<Answer> => ask(`${server.url}/v1/generations`, { json: { prompt: 'pizza', ...json }, headers });
const sync = (server: { url: string }, json: object = {}, headers: Record<string, string> = {}): Promise<Answer> => ask(`${server.url}/v1/images/generations`, { json: { prompt: 'pizza', ...json }, headers });
const as = ({ key }: { key: string }) => ({ authorization: `Bearer ${key}` });

describe('a tenant’s rate', { timeout: 120_000 }, () => {
  it('shows on every answer, and beyond it is refused until the time that is told', async () => {
    const gateway = await gatewayWith({ TENANT_REQUESTS_PER_MINUTE: '10' });
    const answers = await Promise.all(Array.from({ length: 25 }, () => post(gateway)));
    const accepted = answers.filter(({ status }) => status === 202);
    expect(accepted.length).toBeGreaterThanOrEqual(10);
    expect(accepted.map(({ headers }) => headers.get('ratelimit-policy'))).toEqual(accepted.map(() => '"requests";q=10;w=60'));
    expect(accepted.map(({ headers }) => Number(headers.get('x-ratelimit-remaining-requests'))).sort((a, b) => b - a).slice(0, 3)).toEqual([9, 8, 7]);
    const refused = answers.find(({ status }) => status === 429)!;
    expectProblem(refused, { status: 429, code: 'rate_limited', says: /10 requests a minute; try again in [1-6] second/ });
    expect(refused.headers.get('ratelimit')).toMatch(/^"requests";r=0;t=60$/);
    expect(refused.headers.get('x-should-retry')).toBe('true');
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(6);
    const { body } = await ask(`${gateway.url}/metrics`);
    expect(body).toMatch(/slipstream_generations_refused_total\{by="rate"\} \d+\n/);
  });
});

describe('bounds on what waits', { timeout: 120_000 }, () => {
  it('refuse a tenant’s pictures beyond its quota, and nobody else’s', async () => {
    const gateway = await lockedGatewayWith({ TENANT_PICTURES: '10' });
    const [a, b] = [await gateway.key({ tenant: 'a' }), await gateway.key({ tenant: 'b' })];
    expect((await post(gateway, { n: 6 }, as(a))).status).toBe(202);
    const refused = await post(gateway, { n: 6 }, as(a));
    expectProblem(refused, { status: 429, code: 'quota_exceeded', says: /more than 10 pictures.*try again in \d+ seconds/ });
    expect((await post(gateway, { n: 4 }, as(a))).status).toBe(202);
    expect((await post(gateway, { n: 6 }, as(b))).status).toBe(202);
  });

  it('refuse everybody beyond the whole backlog, with 503, until work is done', async () => {
    const gateway = await gatewayWith({ BACKLOG_DEVICE_SECONDS: '2' });
    const answers: Answer[] = [];
    while (answers.at(-1)?.status !== 503) answers.push(await post(gateway, { n: 10 }));
    expect(answers.length).toBeLessThan(12);
    expectProblem(answers.at(-1)!, { status: 503, code: 'overloaded', says: /2 seconds of one device; try again in 60 seconds/ });
    expect(answers.at(-1)!.headers.get('retry-after')).toBe('60');
    const worker = await startWorker(gateway.env);
    running.push(worker);
    await eventually(async () => (await post(gateway)).status === 202, { what: 'there is room again', deadlineMs: 60_000 });
  });
});

describe('a deadline', { timeout: 120_000 }, () => {
  it('that passes without a worker ends the generation as expired, on both doors', async () => {
    const gateway = await gatewayWith();
    const [{ body: accepted }, waited] = await Promise.all([post(gateway, { deadline: 0.2 }), sync(gateway, { deadline: 0.2 })]);
    expectProblem(waited, { status: 410, code: 'generation_expired', says: /not started in time/ });
    const { body } = await ask(`${gateway.url}/v1/generations/${accepted.id}`);
    expect(body).toMatchObject({ status: 'expired', started_at: null, data: null });
  });
});

describe('an Idempotency-Key', { timeout: 180_000 }, () => {
  it('makes one generation of many requests, for those who wait and those who do not', async () => {
    const gateway = await gatewayWith();
    const worker = await startWorker(gateway.env);
    running.push(worker);
    const headers = { 'idempotency-key': '"8e03978e-40d5-43e8-bc93-6894a57f9324"' };
    const [first, ...others] = await Promise.all([...Array.from({ length: 10 }, () => post(gateway, {}, headers)), ...Array.from({ length: 5 }, () => sync(gateway, {}, headers))]);
    expect(new Set([first!, ...others].map(({ body }) => body.id)).size).toBe(1);
    expect([first!, ...others].filter(({ headers: given }) => given.get('idempotent-replayed') === 'true')).toHaveLength(14);
    const later = await sync(gateway, {}, { 'idempotency-key': '8e03978e-40d5-43e8-bc93-6894a57f9324' });
    expect(later).toMatchObject({ status: 200, body: { id: first!.body.id } });
    expect((await post(gateway, {}, headers)).body).toMatchObject({ id: first!.body.id, status: 'completed' });
    expectProblem(await post(gateway, { n: 2 }, headers), { status: 422, code: 'idempotency_mismatch', param: 'Idempotency-Key', says: /new key/ });
  });

  it('is each tenant’s own', async () => {
    const gateway = await lockedGatewayWith();
    const headers = { 'idempotency-key': 'one' };
    const keys = [await gateway.key({ tenant: 'a' }), await gateway.key({ tenant: 'a' }), await gateway.key({ tenant: 'b' })];
    const [first, same, other] = await Promise.all(keys.map(async (key) => (await post(gateway, {}, { ...headers, ...as(key) })).body.id));
    expect(same).toBe(first);
    expect(other).not.toBe(first);
  });

  it('that is none is refused by name', async () => {
    const gateway = await gatewayWith();
    for (const key of ['', '""', 'a b', 'x'.repeat(256), '"a\\"']) expectProblem(await post(gateway, {}, { 'idempotency-key': key }), { status: 400, code: 'invalid_request', param: 'Idempotency-Key', says: /UUID/ });
  });

  it('brings the same generation after the gateway was killed in the middle of accepting, and none twice or in part', async () => {
    const gateway = await gatewayWith();
    const keys = Array.from({ length: 300 }, (_, index) => `key-${index}`);
    const sent = keys.map((key) => post(gateway, {}, { 'idempotency-key': key }).then(({ body }) => body.id as string, () => undefined));
    await Promise.any(sent);
    await gateway.stop('SIGKILL');
    const acknowledged = await Promise.all(sent);
    const next = await gatewayWith(gateway.env);
    const again = await Promise.all(keys.map(async (key) => (await post(next, {}, { 'idempotency-key': key })).body.id as string));
    acknowledged.forEach((id, index) => id !== undefined && expect(again[index]).toBe(id));
    const jobs = async (state: string) => Number(new RegExp(`slipstream_backlog_jobs\\{state="${state}"\\} (\\d+)`).exec((await ask(`${next.url}/metrics`)).body)?.[1]);
    expect(await jobs('waiting')).toBe(keys.length);
    const worker = await startWorker(next.env);
    running.push(worker);
    const statusOf = async (id: string) => (await ask(`${next.url}/v1/generations/${id}`)).body.status;
    await eventually(async () => (await Promise.all(again.map(statusOf))).every((status) => status === 'completed'), { what: 'each is completed', deadlineMs: 100_000, intervalMs: 200 });
    expect(await jobs('waiting')).toBe(0);
  });
});
