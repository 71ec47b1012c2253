import { randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { ask, eventually, ownService, startLockedGateway, type Answer } from '../harness/index.js';
import { Judge, operationsOf, type Documented, type Operation } from '../reference/documented.js';
import { makersFor } from './makers.js';

const service = ownService('every-route', { start: startLockedGateway, env: { WEBHOOK_PRIVATE_HOSTS: '127.0.0.1' } });
let judge: Judge;
let operations: Operation[];
let [mine, theirs] = ['', ''];

beforeAll(async () => {
  const document: Documented = (await ask(`${service.url}/openapi.json`)).body;
  judge = new Judge(document);
  operations = operationsOf(document).filter(({ scope }) => scope);
  [{ key: mine }, { key: theirs }] = await Promise.all([service.gateway.key({ tenant: 'mine' }), service.gateway.key({ tenant: 'theirs' })]);
});

/** Asks an operation, its id filled in, any other parameter being nobody's. A body is an object without a field. */
const call = ({ method, path }: Operation, { key, id }: { key?: string; id: string }): Promise<Answer> =>
  ask(service.url + path.replace('{id}', id).replace(/\{\w+\}/g, 'nobodys'), { method, ...(method !== 'GET' && method !== 'DELETE' && { json: {} }), headers: key === undefined ? {} : { authorization: `Bearer ${key}` } });

describe('every route that asks for a key', () => {
  const codes = ['api_key_missing', 'invalid_api_key', 'unknown_key', 'api_key_expired', 'api_key_revoked', 'tenant_suspended'] as const;

  /** A key that ought to be refused with this code. */
  async function wrongKey(code: (typeof codes)[number]): Promise<string | undefined> {
    if (code === 'api_key_missing') return undefined;
    if (code === 'invalid_api_key') return 'sk-nonsense';
    if (code === 'unknown_key') return `slip_${randomBytes(8).toString('hex')}_${randomBytes(32).toString('hex')}`;
    const { key, id } = await service.gateway.key({ tenant: code, ...(code === 'api_key_expired' && { expires_in_seconds: 1 }) });
    if (code === 'api_key_revoked') await service.gateway.admin(`/admin/keys/${id}/revoke`, { method: 'POST' });
    if (code === 'tenant_suspended') await service.gateway.admin(`/admin/tenants/${code}/suspend`, { method: 'POST' });
    await eventually(async () => (await ask(`${service.url}/v1/models`, { headers: { authorization: `Bearer ${key}` } })).body.error?.code === code, { what: `the key is refused: ${code}` });
    return key;
  }

  it.each(codes)('refuses by name, as documented: %s', async (code) => {
    const key = await wrongKey(code);
    expect(operations.length).toBeGreaterThan(20);
    for (const operation of operations) {
      const answer = await call(operation, { ...(key !== undefined && { key }), id: 'anything' });
      expect([operation.name, answer.status, answer.body.error?.code]).toEqual([operation.name, code === 'tenant_suspended' ? 403 : 401, code === 'unknown_key' ? 'invalid_api_key' : code]);
      expect(judge.faults(operation.name, answer)).toEqual([]);
    }
  });

  it('wants the scope that the document says', async () => {
    const [reader, writer] = [await service.gateway.key({ tenant: 'mine', scopes: ['read'] }), await service.gateway.key({ tenant: 'mine', scopes: ['write'] })];
    for (const operation of operations) {
      const { status, body } = await call(operation, { key: (operation.scope === 'read' ? writer : reader).key, id: 'anything' });
      expect([operation.name, status, body.error?.code]).toEqual([operation.name, 403, 'insufficient_scope']);
    }
  });
});

describe('what another tenant has', () => {
  const as = (key: string) => ({ authorization: `Bearer ${key}` });
  /** What all tenants share. */
  const shared = ['models'];
  const collectionOf = (path: string): string => path.split('/')[2]!;

  it('is not there on any route: neither to be read, nor changed, nor told from what nobody has', async () => {
    const makers = makersFor(service.url, mine);
    const touching = operations.filter(({ path }) => path.includes('{') && !shared.includes(collectionOf(path)));
    const collections = [...new Set(touching.map(({ path }) => collectionOf(path)))];
    expect(collections.filter((name) => !makers[name])).toEqual([]); // each that the document has is to have one
    for (const collection of collections) {
      const id = await makers[collection]!();
      expect([collection, id]).toEqual([collection, expect.any(String)]);
      const before = await ask(`${service.url}/v1/${collection}/${id}`, { headers: as(mine) });
      expect([collection, before.status]).toEqual([collection, 200]);
      const nobodys = `${id.slice(0, -1)}${id.endsWith('0') ? '1' : '0'}`;
      for (const operation of touching.filter(({ path }) => collectionOf(path) === collection)) {
        const [answer, unknown] = [await call(operation, { key: theirs, id }), await call(operation, { key: theirs, id: nobodys })];
        const seen = ({ status, body }: Answer) => JSON.stringify([operation.name, status, body.error?.code, body.error?.param]);
        expect(seen(answer)).toBe(seen(unknown));
        expect([operation.name, answer.status]).toEqual([operation.name, expect.toBeOneOf(answer.body.error?.code === 'invalid_request' ? [400] : [404])]);
        expect(judge.faults(operation.name, answer)).toEqual([]);
      }
      const list = await ask(`${service.url}/v1/${collection}`, { headers: as(theirs) });
      if (list.status === 200) expect(JSON.stringify(list.body)).not.toContain(id);
      const after = await ask(`${service.url}/v1/${collection}/${id}`, { headers: as(mine) });
      const { status, body } = after;
      expect([collection, status, body.id, body.object]).toEqual([collection, 200, before.body.id, before.body.object]);
      if (collection !== 'batches') expect(body).toEqual(before.body); // a batch goes on by itself
    }
  }, 60_000);
});
