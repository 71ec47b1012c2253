import { randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { ApiKey, AuditEvent } from '@slipstream/contracts';
import { KeyStore } from '@slipstream/queue';
import { eventually } from '../harness/index.js';

const redisUrl = process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6379';
const used: string[] = [];
let prefix: string;
beforeEach(() => void used.push((prefix = `test-keys-${randomBytes(6).toString('hex')}`)));
afterAll(async () => {
  const redis = new Redis(redisUrl);
  for (const each of used) for (const name of ['api-keys', 'tenants', 'api-keys-used', 'audit']) await redis.unlink(`${each}:${name}`);
  redis.disconnect();
});

async function open(options: { auditLength?: number; onChange?: () => void } = {}): Promise<KeyStore> {
  const store = new KeyStore({ redisUrl, prefix, ...options });
  onTestFinished(() => store.close());
  await eventually(() => store.check().then(() => true), { what: 'Redis answers' });
  return store;
}

const event = (subject: string, details: Record<string, unknown> = {}): AuditEvent => ({ atMs: 1, actor: 'ada', from: '127.0.0.1', requestId: 'r', action: 'key.create', subject, tenant: 'acme', details });
const key = (id: string, given: Partial<ApiKey> = {}): ApiKey => ({ id, name: id, tenant: 'acme', scopes: ['read'], createdAtMs: 1, secrets: [{ sha256: '00', hint: '0000', createdAtMs: 1 }], ...given });

describe('keys', () => {
  it('are found with what is set for their tenant, and others are not', async () => {
    const store = await open();
    await store.changeKey('key_a', { next: () => key('key_a'), event: event('key_a') });
    expect(await store.find('key_a')).toEqual({ key: key('key_a'), tenant: undefined });
    await store.changeTenant('acme', { next: () => ({ id: 'acme', pictures: 50, createdAtMs: 1 }), event: event('acme') });
    expect(await store.find('key_a')).toEqual({ key: key('key_a'), tenant: { id: 'acme', pictures: 50, createdAtMs: 1 } });
    expect(await store.find('key_b')).toBeUndefined();
    expect((await store.keys()).map(({ id }) => id)).toEqual(['key_a']);
  });

  it('lose no change when several administrators are at one of them', async () => {
    const [one, other] = [await open(), await open()];
    await one.changeKey('key_a', { next: () => key('key_a', { name: '' }), event: event('key_a') });
    const letters = [...'abcdefgh'];
    await Promise.all(letters.map((letter, index) => (index % 2 ? one : other).changeKey('key_a', { next: (present) => ({ ...present!, name: present!.name + letter }), event: event('key_a', { letter }) })));
    expect([...(await one.find('key_a'))!.key.name].sort()).toEqual(letters);
    expect(await one.audit({ limit: 100 })).toHaveLength(9);
  });

  it('that a change would leave as they are make no event', async () => {
    const store = await open();
    await store.changeKey('key_a', { next: () => key('key_a'), event: event('key_a') });
    await store.changeKey('key_a', { next: (present) => present!, event: event('key_a') });
    expect(await store.audit({ limit: 10 })).toHaveLength(1);
  });

  it('that change are told to every gateway', async () => {
    const heard: string[] = [];
    const [store] = [await open(), await open({ onChange: () => heard.push('change') })];
    await eventually(() => heard.length > 0, { what: 'the subscription is there' });
    const before = heard.length;
    await eventually(async () => {
      await store.changeKey('key_a', { next: () => key('key_a', { name: String(Math.random()) }), event: event('key_a') });
      return heard.length > before;
    }, { what: 'a change is heard of' });
  });

  it('remember when they were last seen', async () => {
    const store = await open();
    await store.recordUse(new Map([['key_a', 5], ['key_b', 6]]));
    await store.recordUse(new Map([['key_a', 9]]));
    expect(await store.lastUsed(['key_a', 'key_b', 'key_c'])).toEqual([9, 6, undefined]);
    expect(await store.lastUsed([])).toEqual([]);
  });
});

describe('the audit log', () => {
  it('is read in pages, the latest first', async () => {
    const store = await open();
    for (const id of ['a', 'b', 'c']) await store.changeKey(id, { next: () => key(id), event: event(id) });
    const [latest, before] = await store.audit({ limit: 2 });
    expect([latest!.event.subject, before!.event.subject]).toEqual(['c', 'b']);
    expect((await store.audit({ limit: 2, before: before!.id })).map(({ event: { subject } }) => subject)).toEqual(['a']);
  });

  it('holds no more than it may, and lets the oldest go', async () => {
    const store = await open({ auditLength: 2 });
    for (const id of ['a', 'b', 'c']) await store.changeKey(id, { next: () => key(id), event: event(id) });
    expect((await store.audit({ limit: 10 })).map(({ event: { subject } }) => subject)).toEqual(['c', 'b']);
  });
});
