import { Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { apiKeyStatus, defaultTenant, parseCreateKey, parseRotateKey, SlipstreamError, type ApiKey, type RotateKeyRequest } from '@slipstream/contracts';
import { KeyStore } from '@slipstream/queue';
import { newKeyId, newSecret } from '../keys/secret.js';
import { eventOf } from './audit-trail.js';
import { keyObject, type KeyObject, type KeyWithSecret } from './key-object.js';

type Asked = Pick<FastifyRequest, 'actor' | 'ip' | 'id'>;

/** Secrets of one key that may work at a time. */
const mostSecrets = 5;

/** Makes, shows, rotates and revokes API keys. */
@Injectable()
export class Keys {
  constructor(@Inject(KeyStore) private readonly store: KeyStore) {}

  /** @throws SlipstreamError `invalid_request`, `tenant_not_found` */
  async create(body: unknown, asked: Asked): Promise<KeyWithSecret> {
    const request = parseCreateKey(body);
    const { name, tenant, scopes, expires_in_seconds, requests_per_minute: requestsPerMinute } = request;
    await this.#checkTenant(tenant);
    const createdAtMs = Date.now();
    const id = newKeyId();
    const { text, kept } = newSecret(id, createdAtMs);
    const key: ApiKey = { id, name, tenant, scopes, createdAtMs, expiresAtMs: later(createdAtMs, expires_in_seconds), requestsPerMinute, secrets: [kept] };
    await this.store.changeKey(id, { next: () => key, event: eventOf(asked, { action: 'key.create', subject: id, tenant, details: request }) });
    return { ...keyObject(key, { nowMs: createdAtMs }), key: text };
  }

  async list({ tenant }: { tenant?: unknown }): Promise<{ object: 'list'; data: KeyObject[] }> {
    const keys = (await this.store.keys()).filter((key) => tenant === undefined || key.tenant === tenant);
    const used = await this.store.lastUsed(keys.map(({ id }) => id));
    const nowMs = Date.now();
    return { object: 'list', data: keys.map((key, index) => keyObject(key, { nowMs, lastUsedAtMs: used[index] })) };
  }

  /** @throws SlipstreamError `key_not_found` */
  async read(id: string): Promise<KeyObject> {
    const [found, [lastUsedAtMs]] = await Promise.all([this.store.find(id), this.store.lastUsed([id])]);
    return keyObject(known(id, found?.key), { nowMs: Date.now(), lastUsedAtMs });
  }

  /** A new secret beside those that still work, which end with the overlap. @throws SlipstreamError `key_not_found`, `key_ended` */
  async rotate(id: string, { body, asked }: { body: unknown; asked: Asked }): Promise<KeyWithSecret> {
    const request = parseRotateKey(body);
    const { tenant } = known(id, (await this.store.find(id))?.key);
    const nowMs = Date.now();
    const { text, kept } = newSecret(id, nowMs);
    const key = await this.store.changeKey(id, {
      next: (present) => rotated(known(id, present), kept, { request, nowMs }),
      event: eventOf(asked, { action: 'key.rotate', subject: id, tenant, details: request }),
    });
    return { ...keyObject(key, { nowMs }), key: text };
  }

  /** Idempotent: the first time stays. @throws SlipstreamError `key_not_found` */
  async revoke(id: string, asked: Asked): Promise<KeyObject> {
    const { tenant } = known(id, (await this.store.find(id))?.key);
    const nowMs = Date.now();
    const key = await this.store.changeKey(id, {
      next: (present) => ({ revokedAtMs: nowMs, ...known(id, present) }),
      event: eventOf(asked, { action: 'key.revoke', subject: id, tenant, details: {} }),
    });
    return keyObject(key, { nowMs });
  }

  async #checkTenant(id: string): Promise<void> {
    if (id === defaultTenant || (await this.store.tenant(id))) return;
    throw new SlipstreamError('tenant_not_found', `no tenant has the id ${JSON.stringify(id)}`, { param: 'tenant', remedy: `make it first: PUT /admin/tenants/${id}` });
  }
}

function rotated(key: ApiKey, secret: ApiKey['secrets'][number], { request, nowMs }: { request: RotateKeyRequest; nowMs: number }): ApiKey {
  const expiresAtMs = request.expires_in_seconds === undefined ? key.expiresAtMs : later(nowMs, request.expires_in_seconds);
  const status = apiKeyStatus({ ...key, expiresAtMs }, nowMs);
  if (status !== 'active') throw new SlipstreamError('key_ended', `key ${key.id} is ${status}`, { param: 'id', remedy: status === 'expired' ? 'give expires_in_seconds as well, or make a new key' : 'make a new key' });
  const endMs = nowMs + request.overlap_seconds * 1000;
  const older = key.secrets.map((each) => ({ ...each, expiresAtMs: Math.min(each.expiresAtMs ?? Infinity, endMs) }));
  return { ...key, expiresAtMs, secrets: [secret, ...older].slice(0, mostSecrets) };
}

const later = (nowMs: number, seconds: number | undefined): number | undefined => (seconds === undefined ? undefined : nowMs + seconds * 1000);

function known(id: string, key: ApiKey | undefined): ApiKey {
  if (key) return key;
  throw new SlipstreamError('key_not_found', `no key has the id ${JSON.stringify(id.slice(0, 64))}`, { param: 'id', remedy: 'GET /admin/keys lists them' });
}
