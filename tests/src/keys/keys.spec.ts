import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { expectProblem } from '../harness/expect-problem.js';
import { ask, eventually, ownRedis, scratch, startGateway, startLockedGateway, waitForExit, type Answer, type LockedGateway, type RunningServer, type Scratch } from '../harness/index.js';

let own: Scratch;
let gateway: LockedGateway;
/** A second one, on the same Redis. */
let other: LockedGateway;
const running: RunningServer[] = [];

beforeAll(async () => {
  own = await scratch('keys');
  [gateway, other] = await Promise.all([startLockedGateway(own.env), startLockedGateway(own.env)]);
  running.push(gateway, other);
}, 180_000);
afterAll(async () => {
  await Promise.all(running.map((server) => server.stop('SIGKILL')));
  await own?.dispose();
}, 60_000);

const models = (key?: string, at: { url: string } = gateway): Promise<Answer> => ask(`${at.url}/v1/models`, { headers: key === undefined ? {} : { authorization: `Bearer ${key}` } });
const post = (key: string, json: object = { prompt: 'pizza' }): Promise<Answer> => ask(`${gateway.url}/v1/generations`, { json, headers: { authorization: `Bearer ${key}` } });

describe('a locked gateway', () => {
  it.each(['/v1/models', '/v1/models/tiny', `/v1/generations/gen_${'a'.repeat(32)}`])('asks for a key at %s', async (path) => {
    const answer = await ask(gateway.url + path);
    expectProblem(answer, { status: 401, code: 'api_key_missing', param: 'Authorization', says: /Bearer <key>/ });
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
    expect(answer.headers.get('x-should-retry')).toBe('false');
  });

  it('asks before it reads a body, and whatever the body is', async () => {
    for (const route of ['/v1/generations', '/v1/images/generations']) {
      expectProblem(await ask(gateway.url + route, { raw: '{', headers: { 'content-type': 'application/json' } }), { status: 401, code: 'api_key_missing' });
    }
  });

  it.each([['/', 200], ['/livez', 200], ['/readyz', 200], ['/metrics', 200], ['/nope', 404], ['/v1/nope', 404], ['/v1/pictures/gen_x/0.png', 403]])('asks for none at %s', async (path, status) => {
    expect((await ask(gateway.url + path)).status).toBe(status);
  });

  it.each(['Bearer nonsense', `Bearer slip_${'0'.repeat(16)}_${'0'.repeat(64)}`, 'Bearer sk-' + 'x'.repeat(4_000)])('refuses %.40s without a word about why', async (authorization) => {
    const answer = await ask(`${gateway.url}/v1/models`, { headers: { authorization } });
    expectProblem(answer, { status: 401, code: 'invalid_api_key', says: /^the API key is not valid; check that it was copied whole/ });
    expect(JSON.stringify(answer.body)).not.toContain(authorization.slice(7));
  });

  it.each(['Basic dTpw', 'Bearer', 'Bearer a b'])('takes the header %j for none', async (authorization) => {
    expectProblem(await ask(`${gateway.url}/v1/models`, { headers: { authorization } }), { status: 401, code: 'api_key_missing' });
  });
});

describe('a key', () => {
  it('is shown once, and kept and logged nowhere', async () => {
    const created = await gateway.admin('/admin/keys', { json: { name: 'web' } });
    expect(created).toMatchObject({ status: 201, body: { object: 'api_key', name: 'web', tenant: 'default', scopes: ['read', 'write'], status: 'active', expires_at: null, last_used_at: null } });
    expect(created.headers.get('cache-control')).toBe('no-store');
    const { id, key } = created.body;
    expect((await models(key)).status).toBe(200);
    expect((await post(key)).status).toBe(202);
    const shown = await Promise.all(['/admin/keys', `/admin/keys/${id}`, '/admin/audit'].map(async (path) => JSON.stringify((await gateway.admin(path)).body)));
    for (const text of [...shown, gateway.output()]) expect(text).not.toContain(key.slice(-60));
    expect(shown[1]).toContain(`"hint":"${key.slice(-4)}"`);
  });

  it('of the scope read reads, and of write writes', async () => {
    const [reader, writer] = [await gateway.key({ scopes: ['read'] }), await gateway.key({ scopes: ['write'] })];
    expect((await models(reader.key)).status).toBe(200);
    expectProblem(await post(reader.key), { status: 403, code: 'insufficient_scope', says: /scope "write"/ });
    expect((await post(writer.key)).status).toBe(202);
    expectProblem(await models(writer.key), { status: 403, code: 'insufficient_scope', says: /scope "read"/ });
  });

  it('that is revoked is refused by every gateway', async () => {
    const { key, id } = await gateway.key();
    for (const at of [gateway, other]) expect((await models(key, at)).status).toBe(200);
    const revoked = await gateway.admin(`/admin/keys/${id}/revoke`, { method: 'POST' });
    expect(revoked.body).toMatchObject({ id, status: 'revoked', revoked_at: expect.any(Number) });
    for (const at of [gateway, other]) await eventually(async () => (await models(key, at)).status === 401, { what: 'it is refused' });
    expectProblem(await models(key), { status: 401, code: 'api_key_revoked', says: /was revoked/ });
    expect((await gateway.admin(`/admin/keys/${id}/revoke`, { method: 'POST' })).body.revoked_at).toBe(revoked.body.revoked_at);
    expectProblem(await gateway.admin(`/admin/keys/${id}/rotate`, { method: 'POST' }), { status: 409, code: 'key_ended', says: /revoked; make a new key/ });
  });

  it('that is rotated goes on beside the new one, for as long as was asked for', async () => {
    const { key: old, id } = await gateway.key();
    const { body: overlapping } = await gateway.admin(`/admin/keys/${id}/rotate`, { method: 'POST', json: { overlap_seconds: 600 } });
    expect(overlapping.secrets).toMatchObject([{ hint: overlapping.key.slice(-4), expires_at: null }, { hint: old.slice(-4), expires_at: expect.any(Number) }]);
    for (const key of [old, overlapping.key]) expect((await models(key)).status).toBe(200);
    const { body: newest } = await gateway.admin(`/admin/keys/${id}/rotate`, { method: 'POST', json: { overlap_seconds: 0 } });
    for (const key of [old, overlapping.key]) await eventually(async () => (await models(key)).body.error?.code === 'api_key_expired', { what: 'it has ended' });
    expect((await models(newest.key)).status).toBe(200);
    expect(newest.secrets).toHaveLength(1);
  });

  it('expires when its time is up', async () => {
    const { key } = await gateway.key({ expires_in_seconds: 1 });
    await eventually(async () => (await models(key)).body.error?.code === 'api_key_expired', { what: 'it has expired' });
  });

  it('tells when it was last seen', async () => {
    const { key, id } = await gateway.key();
    await models(key);
    await eventually(async () => (await gateway.admin(`/admin/keys/${id}`)).body.last_used_at !== null, { what: 'the time is written' });
  });

  it('with a rate of its own is held to it, and its tenant’s other keys are not', async () => {
    const [slow, fast] = [await gateway.key({ tenant: 'rated', requests_per_minute: 2 }), await gateway.key({ tenant: 'rated' })];
    const answers = await Promise.all(Array.from({ length: 4 }, () => post(slow.key)));
    expect(answers.map(({ status }) => status).sort()).toEqual([202, 202, 429, 429]);
    expect(answers[0]!.headers.get('ratelimit-policy')).toBe('"requests";q=2;w=60');
    expect((await post(fast.key)).status).toBe(202);
  });
});

describe('another tenant’s generation', () => {
  it('is not there to be read or cancelled, and its owner sees it as before', async () => {
    const [mine, theirs] = [await gateway.key({ tenant: 'mine' }), await gateway.key({ tenant: 'theirs' })];
    const { body } = await post(mine.key);
    const as = (key: string) => ({ headers: { authorization: `Bearer ${key}` } });
    const path = `${gateway.url}/v1/generations/${body.id}`;
    const nothing = { status: 404, code: 'generation_not_found', param: 'id' };
    expectProblem(await ask(path, as(theirs.key)), nothing);
    expectProblem(await ask(`${path}/cancel`, { method: 'POST', ...as(theirs.key) }), nothing);
    expect((await ask(path, as(mine.key))).body).toMatchObject({ id: body.id, status: 'queued' });
    const second = await gateway.key({ tenant: 'mine' });
    expect((await ask(`${path}/cancel`, { method: 'POST', ...as(second.key) })).body.status).toBe('cancelled');
  });
});

describe('a tenant', () => {
  it('that is suspended is let in nowhere until it is resumed, and what it asked for before goes on', async () => {
    const { key } = await gateway.key({ tenant: 'late-payer' });
    const { body: asked } = await post(key);
    const suspended = await gateway.admin('/admin/tenants/late-payer/suspend', { method: 'POST' });
    expect(suspended).toMatchObject({ status: 200, body: { id: 'late-payer', status: 'suspended', suspended_at: expect.any(Number) } });
    for (const at of [gateway, other]) await eventually(async () => (await models(key, at)).status === 403, { what: 'it is refused' });
    expectProblem(await post(key), { status: 403, code: 'tenant_suspended', says: /ask the operator/ });
    expectProblem(await models(`${key.slice(0, -1)}${key.endsWith('0') ? '1' : '0'}`), { status: 401, code: 'invalid_api_key' });
    expect((await gateway.admin('/admin/tenants/late-payer', { method: 'PUT', json: { pictures: 10 } })).body).toMatchObject({ status: 'suspended', pictures: 10 });
    expect((await gateway.admin('/admin/tenants/late-payer/suspend', { method: 'POST' })).body.suspended_at).toBe(suspended.body.suspended_at);
    expect((await gateway.admin('/admin/tenants/late-payer/resume', { method: 'POST' })).body).toMatchObject({ status: 'active', suspended_at: null, pictures: 10 });
    await eventually(async () => (await models(key)).status === 200, { what: 'it is let in' });
    expect((await ask(`${gateway.url}/v1/generations/${asked.id}`, { headers: { authorization: `Bearer ${key}` } })).body.status).toBe('queued');
    const { data } = (await gateway.admin('/admin/audit')).body;
    expect(data.filter(({ subject }: { subject: string }) => subject === 'late-payer').map(({ action, actor }: { action: string; actor: string }) => [action, actor])).toEqual([
      ['tenant.resume', 'ada'], ['tenant.suspend', 'ada'], ['tenant.set', 'ada'], ['tenant.suspend', 'ada'], ['tenant.set', 'ada'],
    ]);
    for (const verb of ['suspend', 'resume']) expectProblem(await gateway.admin(`/admin/tenants/nobody/${verb}`, { method: 'POST' }), { status: 404, code: 'tenant_not_found' });
  });

  it('has the limits that were set for it, and the server’s where none were', async () => {
    const { key } = await gateway.key({ tenant: 'small' });
    const set = await gateway.admin('/admin/tenants/small', { method: 'PUT', json: { name: 'Small', pictures: 10 } });
    expect(set.body).toMatchObject({ id: 'small', object: 'tenant', name: 'Small', pictures: 10, requests_per_minute: 60_000 });
    await eventually(async () => (await post(key, { prompt: 'pizza', n: 6 })).body.error?.code === 'quota_exceeded', { what: 'the quota holds' });
    expect((await gateway.admin('/admin/tenants')).body.data).toContainEqual(set.body);
    expect((await gateway.admin('/admin/tenants/small')).body).toEqual(set.body);
    expectProblem(await gateway.admin('/admin/tenants/nobody'), { status: 404, code: 'tenant_not_found', param: 'id' });
  });

  it('must be there before it is given a key', async () => {
    expectProblem(await gateway.admin('/admin/keys', { json: { name: 'a', tenant: 'acm' } }), { status: 404, code: 'tenant_not_found', param: 'tenant', says: /PUT \/admin\/tenants\/acm/ });
  });
});

describe('the admin door', () => {
  it.each(['/admin/keys', '/admin/audit', '/nope', '/metrics'])('lets nobody in without its credential: %s', async (path) => {
    const { key } = await gateway.key();
    for (const headers of [{}, { authorization: 'Bearer nonsense' }, { authorization: `Bearer ${key}` }] as Record<string, string>[]) {
      expectProblem(await ask(gateway.adminUrl + path, { headers }), { status: 401, code: 'invalid_api_key', says: /ADMIN_KEYS/ });
    }
  });

  it('is not on the public port', async () => {
    const { key } = await gateway.key();
    for (const path of ['/admin/keys', '/admin/audit']) expect((await ask(gateway.url + path, { headers: { authorization: `Bearer ${key}` } })).status).toBe(404);
  });

  it('knows no generation', async () => {
    expect((await gateway.admin('/v1/models')).status).toBe(404);
  });

  it('refuses what it does not understand by name', async () => {
    expectProblem(await gateway.admin('/admin/keys', { json: { name: '', scopes: ['all'] } }), { status: 400, code: 'invalid_request', param: 'name', says: /name must.*scopes\.0 must/ });
    expectProblem(await gateway.admin('/admin/keys/key_nope'), { status: 404, code: 'key_not_found', param: 'id' });
    expectProblem(await gateway.admin('/admin/tenants/a%3Ab', { method: 'PUT', json: {} }), { status: 400, code: 'invalid_request', param: 'id' });
    expectProblem(await gateway.admin('/admin/audit?limit=0'), { status: 400, code: 'invalid_request', param: 'limit' });
    expectProblem(await gateway.admin('/admin/audit?before=yesterday'), { status: 400, code: 'invalid_request', param: 'before' });
  });

  it('lists the keys of one tenant', async () => {
    const { id } = await gateway.key({ tenant: 'listed' });
    expect((await gateway.admin('/admin/keys?tenant=listed')).body.data.map((key: { id: string }) => key.id)).toEqual([id]);
  });

  it('keeps who did what, when and from where', async () => {
    const { id } = await gateway.key({ tenant: 'audited', name: 'ci' });
    await gateway.admin(`/admin/keys/${id}/rotate`, { method: 'POST', json: { overlap_seconds: 5 }, headers: { 'x-request-id': 'rotation-1' } });
    const { body } = await gateway.admin('/admin/audit?limit=3');
    expect(body).toMatchObject({
      object: 'list',
      has_more: true,
      data: [
        { object: 'audit_event', actor: 'ada', from: '127.0.0.1', request_id: 'rotation-1', action: 'key.rotate', subject: id, tenant: 'audited', details: { overlap_seconds: 5 } },
        { action: 'key.create', subject: id, details: { name: 'ci' } },
        { action: 'tenant.set', subject: 'audited' },
      ],
    });
    expect(Math.abs(body.data[0].created_at - Date.now() / 1000)).toBeLessThan(60);
    const next = (await gateway.admin(`/admin/audit?limit=1&before=${body.data[1].id}`)).body;
    expect(next.data).toEqual([body.data[2]]);
    expect(gateway.output().split('\n').filter((line) => line.includes('rotation-1') && line.includes('"actor":"ada"'))).toHaveLength(1);
  });
});

describe('a locked gateway without Redis', { timeout: 120_000 }, () => {
  it('lets nobody in whom it cannot check, and knows all keys again once Redis is back', async () => {
    const redis = await ownRedis({ appendOnly: true });
    onTestFinished(() => redis.dispose());
    await redis.start();
    const cut = await startLockedGateway({ ...own.env, REDIS_URL: redis.url });
    running.push(cut);
    const { key } = await cut.key();
    await redis.stop();
    const answer = await models(key, cut);
    expectProblem(answer, { status: 503, code: 'queue_unavailable', says: /REDIS_URL/ });
    expect(answer.headers.get('retry-after')).toMatch(/^\d+$/);
    expectProblem(await models('nonsense', cut), { status: 401, code: 'invalid_api_key' });
    expectProblem(await cut.admin('/admin/keys'), { status: 503, code: 'queue_unavailable' });
    await redis.start();
    await eventually(async () => (await models(key, cut)).status === 200, { what: 'the key is known again' });
  });
});

describe('a gateway without ADMIN_KEYS', { timeout: 120_000 }, () => {
  it('listens on loopback alone, and says so', async () => {
    const open = await startGateway({ ...own.env, HOST: '0.0.0.0' });
    running.push(open);
    await open.ready(100_000);
    expect((await models(undefined, open)).status).toBe(200);
    await expect(fetch(`http://127.0.0.2:${open.port}/livez`)).rejects.toThrow(); // one that listens everywhere hears this
    expect(open.output()).toMatch(/ADMIN_KEYS is not set.*only this machine/);
  });

  it('takes any key, and means nothing by it', async () => {
    const open = await startGateway(own.env);
    running.push(open);
    await open.ready(100_000);
    expect((await models('sk-anything', open)).status).toBe(200);
  });

  it('with a credential that is too short does not start', async () => {
    const refused = await startGateway({ ...own.env, ADMIN_KEYS: 'ada:short-secret' });
    expect(await waitForExit(refused, 60_000)).toMatchObject({ code: 1 });
    expect(refused.output()).toMatch(/ADMIN_KEYS must be name:secret/);
    expect(refused.output()).not.toContain('short-secret');
  });
});
