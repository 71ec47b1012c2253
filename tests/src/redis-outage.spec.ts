import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectProblem } from './harness/expect-problem.js';
import { ask, eventually, ownRedis, scratch, startGateway, type OwnRedis, type RunningServer, type Scratch } from './harness/index.js';

let own: Scratch;
let redis: OwnRedis;
let gateway: RunningServer;

beforeAll(async () => {
  own = await scratch('redis-outage');
  redis = await ownRedis();
  gateway = await startGateway({ ...own.env, REDIS_URL: redis.url });
});

afterAll(async () => {
  await gateway?.stop();
  await redis?.dispose();
  await own?.dispose();
});

const unready = { status: 503, code: 'not_ready', says: /Redis at redis:\/\/127\.0\.0\.1:\d+ .*start Redis/ };
const unavailable = { status: 503, code: 'queue_unavailable', says: /Redis at redis:\/\/127\.0\.0\.1:\d+ .*REDIS_URL/ };

async function expectOutage(): Promise<void> {
  await eventually(async () => (await ask(`${gateway.url}/readyz`)).body?.detail?.includes('Redis'), { what: 'not ready for want of Redis' });
  expectProblem(await ask(`${gateway.url}/readyz`), unready);
  for (const route of ['/v1/generations', '/v1/images/generations']) {
    const answer = await ask(gateway.url + route, { json: { prompt: 'pizza' } });
    expectProblem(answer, unavailable);
    expect(answer.headers.get('retry-after')).toMatch(/^\d+$/);
  }
  expectProblem(await ask(`${gateway.url}/v1/generations/gen_${'z'.repeat(32)}`), unavailable);
  expect((await ask(`${gateway.url}/livez`)).status).toBe(200);
  expect((await ask(`${gateway.url}/v1/models`)).status).toBe(200);
  expect((await ask(`${gateway.url}/metrics`)).status).toBe(200);
}

async function expectService(): Promise<string> {
  await gateway.ready();
  const answer = await ask(`${gateway.url}/v1/generations`, { json: { prompt: 'pizza' } });
  expect(answer.status).toBe(202);
  return answer.body.id as string;
}

describe('a gateway without Redis', () => {
  it('starts all the same, says what is missing, and serves as soon as Redis answers', async () => {
    await eventually(async () => (await ask(`${gateway.url}/livez`)).status === 200, { what: 'the gateway lives', deadlineMs: 60_000 });
    await expectOutage();
    await redis.start();
    await expectService();
  }, 120_000);

  it('says so when Redis goes while it runs, and serves again when it is back', async () => {
    const waiting = ask(`${gateway.url}/v1/images/generations`, { json: { prompt: 'pizza' }, headers: { 'x-request-id': 'waits-on' } });
    await eventually(() => gateway.output().includes('waits-on'), { what: 'the request waits' });
    await redis.stop();
    await expectOutage();
    await redis.start();
    await expectService();
    expectProblem(await waiting, { status: 410, code: 'generation_expired', says: /send it again/ }); // this Redis keeps nothing
    expect(gateway.output()).not.toMatch(/unhandled|uncaught/i);
  }, 120_000);
});
