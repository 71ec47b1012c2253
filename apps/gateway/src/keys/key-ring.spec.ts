import { beforeEach, describe, expect, it } from 'vitest';
import type { ApiKey, TenantRecord } from '@slipstream/contracts';
import { SlipstreamError } from '@slipstream/contracts';
import { KeyRing } from './key-ring.js';
import { claimedKeyId, newKeyId, newSecret } from './secret.js';

const limits = { requestsPerMinute: 60, pictures: 20, files: 5, fileBytes: 1_000, openBatches: 4, openDatasets: 3 };
let nowMs: number;
let keys: Map<string, ApiKey>;
let tenants: Map<string, TenantRecord>;
let lookUps: string[];
let used: string[];
let ring: KeyRing;

beforeEach(() => {
  nowMs = 1_000_000;
  [keys, tenants, lookUps, used] = [new Map(), new Map(), [], []];
  const find = async (id: string) => {
    lookUps.push(id);
    const key = keys.get(id);
    return key && { key, tenant: tenants.get(key.tenant) };
  };
  ring = new KeyRing({ store: { find }, limits, onUse: (id) => used.push(id), now: () => nowMs });
});

function make(given: Partial<ApiKey> = {}): { key: ApiKey; text: string } {
  const id = newKeyId();
  const { text, kept } = newSecret(id, nowMs);
  const key: ApiKey = { id, name: 'a key', tenant: 'acme', scopes: ['read', 'write'], createdAtMs: nowMs, secrets: [kept], ...given };
  keys.set(id, key);
  return { key, text };
}

const refusal = async (text: string): Promise<SlipstreamError> => {
  const thrown: unknown = await ring.identify(text).then(() => undefined, (error: unknown) => error);
  expect(thrown).toBeInstanceOf(SlipstreamError);
  return thrown as SlipstreamError;
};

describe('a key that is valid', () => {
  it('names its tenant, with the server’s limits where none are set', async () => {
    const { key, text } = make();
    expect(await ring.identify(text)).toEqual({ tenant: { id: 'acme', limits }, scopes: ['read', 'write'], bucket: 'acme' });
    expect(used).toEqual([key.id]);
  });

  it('has its tenant’s limits, and a rate of its own before those', async () => {
    tenants.set('acme', { id: 'acme', requestsPerMinute: 100, files: 0, createdAtMs: 0 });
    expect((await ring.identify(make().text)).tenant.limits).toEqual({ ...limits, requestsPerMinute: 100, files: 0 });
    const { key, text } = make({ requestsPerMinute: 5 });
    expect(await ring.identify(text)).toMatchObject({ tenant: { limits: { requestsPerMinute: 5, pictures: 20 } }, bucket: `acme:${key.id}` });
  });

  it('is looked up once for many requests, and anew once told to forget', async () => {
    const { text } = make();
    await Promise.all([ring.identify(text), ring.identify(text)]);
    await ring.identify(text);
    expect(lookUps).toHaveLength(1);
    ring.forget();
    await ring.identify(text);
    expect(lookUps).toHaveLength(2);
  });
});

describe('refusals', () => {
  it('of a key that is malformed, unknown or has another secret cannot be told apart', async () => {
    const { key } = make();
    const refusals = await Promise.all([refusal('sk-nonsense'), refusal(newSecret(newKeyId(), 0).text), refusal(newSecret(key.id, 0).text)]);
    expect(new Set(refusals.map(({ code }) => code))).toEqual(new Set(['invalid_api_key']));
    expect(new Set(refusals.map(({ message }) => message)).size).toBe(1);
    expect(used).toEqual([]);
  });

  it('look up each unknown id and remember none', async () => {
    const { text } = newSecret(newKeyId(), 0);
    await refusal(text);
    await refusal(text);
    expect(lookUps).toHaveLength(2);
  });

  it('tell who holds the secret that the key has expired, or was revoked', async () => {
    const { text } = make({ expiresAtMs: nowMs + 10 });
    await ring.identify(text);
    nowMs += 10;
    expect((await refusal(text)).code).toBe('api_key_expired');
    expect((await refusal(make({ revokedAtMs: 1 }).text)).code).toBe('api_key_revoked');
    expect((await refusal(newSecret(make({ revokedAtMs: 1 }).key.id, 0).text)).code).toBe('invalid_api_key');
  });

  it('tell who holds the secret that its tenant is suspended', async () => {
    tenants.set('acme', { id: 'acme', createdAtMs: 0, suspendedAtMs: 1 });
    const { key, text } = make();
    expect((await refusal(text)).code).toBe('tenant_suspended');
    expect((await refusal(newSecret(key.id, 0).text)).code).toBe('invalid_api_key');
    expect(used).toEqual([]);
  });

  it('end the old secret of a rotated key with the overlap, and not the new one', async () => {
    const { key, text: old } = make();
    const { text, kept } = newSecret(key.id, nowMs);
    keys.set(key.id, { ...key, secrets: [kept, { ...key.secrets[0]!, expiresAtMs: nowMs + 10 }] });
    await ring.identify(old);
    await ring.identify(text);
    nowMs += 10;
    expect(await refusal(old)).toMatchObject({ code: 'api_key_expired', message: expect.stringContaining('replaced') });
    await ring.identify(text);
  });

  it('of a store that fails are not remembered', async () => {
    const { text } = make();
    let fails = true;
    const flaky = new KeyRing({ store: { find: async (id) => { if (fails) throw new SlipstreamError('queue_unavailable', 'away'); return { key: keys.get(id)!, tenant: undefined }; } }, limits, onUse: () => {}, now: () => nowMs });
    await expect(flaky.identify(text)).rejects.toMatchObject({ code: 'queue_unavailable' });
    fails = false;
    await expect(flaky.identify(text)).resolves.toMatchObject({ tenant: { id: 'acme' } });
  });
});

it('a secret is 256 random bits behind the id of its key', () => {
  const id = newKeyId();
  const [one, other] = [newSecret(id, 0), newSecret(id, 0)];
  expect(one.text).toMatch(/^slip_[0-9a-f]{16}_[0-9a-f]{64}$/);
  expect(claimedKeyId(one.text)).toBe(id);
  expect(one.text).not.toBe(other.text);
  expect(JSON.stringify(one.kept)).not.toContain(one.text.slice(-60));
});
