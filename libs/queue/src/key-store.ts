import type { Redis } from 'ioredis';
import { apiKey, auditEvent, tenantRecord, type ApiKey, type AuditEvent, type TenantRecord } from '@slipstream/contracts';
import { keyScripts } from './key-scripts.js';
import { queueKeys, type QueueKeys } from './keys.js';
import { openSubscriber, RedisLink } from './redis.js';

export interface KeyStoreOptions {
  readonly redisUrl: string;
  readonly prefix: string;
  /** Events that the audit log keeps, default 10,000: then the oldest goes. */
  readonly auditLength?: number;
  /** Told that a key or tenant has changed, or that such news may have been missed. */
  readonly onChange?: () => void;
  /** Told each event that went into the audit log. */
  readonly onEvent?: (event: AuditEvent) => void;
}

/** A key, and what is set for its tenant. */
export interface FoundKey {
  readonly key: ApiKey;
  readonly tenant: TenantRecord | undefined;
}

/** A change to a setting, made again when somebody else was faster. */
export interface Change<T> {
  /** Given what is there now; what it throws is thrown. */
  readonly next: (present: T | undefined) => T;
  readonly event: AuditEvent;
}

type Script = (...args: (string | number)[]) => Promise<unknown>;
type Commands = Readonly<Record<keyof typeof keyScripts, Script>>;

/**
 * API keys, tenants and the audit log in Redis, beside the records of generations. Every method fails within seconds with
 * `queue_unavailable` while Redis is away.
 */
export class KeyStore {
  readonly #link: RedisLink;
  readonly #redis: Redis & Commands;
  readonly #subscriber: Redis;
  readonly #keys: QueueKeys;
  readonly #auditLength: number;
  readonly #onEvent: (event: AuditEvent) => void;

  constructor({ redisUrl, prefix, auditLength = 10_000, onChange = () => {}, onEvent = () => {} }: KeyStoreOptions) {
    this.#link = new RedisLink(redisUrl, { role: 'producer' });
    for (const [name, script] of Object.entries(keyScripts)) this.#link.redis.defineCommand(name, script);
    this.#redis = this.#link.redis as Redis & Commands;
    this.#keys = queueKeys(prefix);
    this.#auditLength = auditLength;
    this.#onEvent = onEvent;
    this.#subscriber = openSubscriber(redisUrl);
    this.#subscriber.on('error', () => {}); // the queue's own link tells
    this.#subscriber.on('message', onChange);
    this.#subscriber.on('ready', onChange); // what was published while it was away is not sent again
    this.#subscriber.subscribe(this.#keys.keysChanged).catch(() => {}); // sent again by the client after every reconnect
  }

  /** A key with its tenant, in one trip. */
  async find(id: string): Promise<FoundKey | undefined> {
    const [key, tenant] = await this.#link.ask(() => this.#redis.findKey(this.#keys.apiKeys, this.#keys.tenants, id) as Promise<[string?, (string | null)?]>);
    return key === undefined ? undefined : { key: keyIn(key), tenant: tenant ? tenantIn(tenant) : undefined };
  }

  /** Every key, revoked ones as well, the newest first. */
  async keys(): Promise<ApiKey[]> {
    const all = await this.#link.ask(() => this.#redis.hvals(this.#keys.apiKeys));
    return all.map(keyIn).sort((a, b) => b.createdAtMs - a.createdAtMs);
  }

  /** @returns undefined for a tenant for whom nothing was ever set */
  async tenant(id: string): Promise<TenantRecord | undefined> {
    const text = await this.#link.ask(() => this.#redis.hget(this.#keys.tenants, id));
    return text === null ? undefined : tenantIn(text);
  }

  async tenants(): Promise<TenantRecord[]> {
    const all = await this.#link.ask(() => this.#redis.hvals(this.#keys.tenants));
    return all.map(tenantIn).sort((a, b) => a.id.localeCompare(b.id));
  }

  async changeTenant(id: string, change: Change<TenantRecord>): Promise<TenantRecord> {
    return this.#change({ hash: this.#keys.tenants, field: id, parse: tenantIn }, change);
  }

  async changeKey(id: string, change: Change<ApiKey>): Promise<ApiKey> {
    return this.#change({ hash: this.#keys.apiKeys, field: id, parse: keyIn }, change);
  }

  /** Unix milliseconds at which keys were last seen, by id. */
  async lastUsed(ids: readonly string[]): Promise<(number | undefined)[]> {
    if (ids.length === 0) return [];
    const times = await this.#link.ask(() => this.#redis.hmget(this.#keys.apiKeysUsed, ...ids));
    return times.map((time) => (time === null ? undefined : Number(time)));
  }

  async recordUse(times: ReadonlyMap<string, number>): Promise<void> {
    await this.#link.ask(() => this.#redis.hset(this.#keys.apiKeysUsed, new Map(times)));
  }

  /** What administrators did, the latest first, those before `before` (an id of an earlier answer). */
  async audit({ limit, before }: { limit: number; before?: string }): Promise<{ id: string; event: AuditEvent }[]> {
    const newest = before === undefined ? '+' : `(${before}`;
    const entries = await this.#link.ask(() => this.#redis.xrevrange(this.#keys.audit, newest, '-', 'COUNT', limit));
    return entries.map(([id, fields]) => ({ id, event: auditEvent.parse(JSON.parse(fields[1]!)) }));
  }

  /** Resolves when Redis answers now. */
  async check(): Promise<void> {
    await this.#link.ask(() => this.#redis.ping());
  }

  close(): void {
    this.#subscriber.disconnect();
    this.#redis.disconnect();
  }

  async #change<T>({ hash, field, parse }: { hash: string; field: string; parse: (text: string) => T }, { next, event }: Change<T>): Promise<T> {
    for (;;) {
      const before = await this.#link.ask(() => this.#redis.hget(hash, field));
      const after = next(before === null ? undefined : parse(before));
      const args = [field, before ?? '', JSON.stringify(after), JSON.stringify(event), this.#auditLength, this.#keys.keysChanged];
      if ((await this.#link.ask(() => this.#redis.changeSetting(hash, this.#keys.audit, ...args))) !== 1) continue;
      this.#onEvent(event);
      return after;
    }
  }
}

const keyIn = (text: string): ApiKey => apiKey.parse(JSON.parse(text));
const tenantIn = (text: string): TenantRecord => tenantRecord.parse(JSON.parse(text));
