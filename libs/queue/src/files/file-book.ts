import type { Redis } from 'ioredis';
import { fileRecord, type FilePurpose, type FileRecord } from '@slipstream/contracts';
import { additionIn, madeBefore, type Addition, type Idempotency, type Repeat } from '../idempotency.js';
import { queueKeys, type QueueKeys } from '../keys.js';
import { RedisLink, type OutageListener } from '../redis.js';
import { fileScripts, type FileCommands } from './file-scripts.js';

export interface FileBookOptions extends OutageListener {
  readonly redisUrl: string;
  readonly prefix: string;
  /** How long an idempotency key is known, default a day. */
  readonly keyTtlSeconds?: number;
}

/** Files of a tenant and their bytes: those that it has, or may have. */
export interface FileHoldings {
  readonly files: number;
  readonly fileBytes: number;
}

export interface FileQuery {
  /** Id of the file that the page begins after. */
  readonly after?: string | undefined;
  readonly most: number;
  readonly purpose?: FilePurpose | undefined;
  /** By the time of making; `desc`, the latest first, by default. */
  readonly order?: 'asc' | 'desc';
}

/** Whoever takes an expired file and does not delete it in this time has died. */
const leaseMs = 60_000;
const chunk = 100;
const unlimited: FileHoldings = { files: Number.MAX_SAFE_INTEGER, fileBytes: Number.MAX_SAFE_INTEGER };

/**
 * What is known of the files of all tenants; their bytes are elsewhere. A tenant meets its own alone. Every method fails
 * within seconds with `queue_unavailable` while Redis is away.
 */
export class FileBook {
  readonly #link: RedisLink;
  readonly #keys: QueueKeys;
  readonly #keyTtlMs: number;

  constructor({ redisUrl, prefix, keyTtlSeconds = 86_400, ...listener }: FileBookOptions) {
    this.#keyTtlMs = keyTtlSeconds * 1000;
    this.#keys = queueKeys(prefix);
    this.#link = new RedisLink(redisUrl, { role: 'producer', ...listener });
    for (const [name, script] of Object.entries(fileScripts)) this.#link.redis.defineCommand(name, script);
  }

  /** Unless the same key made one before, or the tenant has all that it may; `most` is no bound by default. Again with the same id: does nothing new. */
  async add(file: FileRecord, { most = unlimited, idempotency }: { most?: FileHoldings; idempotency?: Idempotency | undefined } = {}): Promise<Addition<keyof FileHoldings>> {
    const { id, tenant, sizeBytes, createdAtMs, expiresAtMs } = file;
    const { file: prefix, idempotency: named } = this.#keys;
    const args = [id, JSON.stringify(file), createdAtMs, expiresAtMs, tenant, sizeBytes, most.files, most.fileBytes, idempotency?.fingerprint ?? '', this.#keyTtlMs, prefix('')];
    return additionIn(await this.#link.ask(() => this.#redis.addFile(...this.#keysOf(file), named(tenant, idempotency?.key ?? ''), ...args)));
  }

  /** What this key made before. */
  async made(tenant: string, { key, fingerprint }: Idempotency): Promise<Repeat | undefined> {
    return this.#link.ask(() => madeBefore(this.#redis, this.#keys.idempotency(tenant, key), fingerprint));
  }

  /** What a tenant has, results of its batches included. */
  async held(tenant: string): Promise<FileHoldings> {
    return this.#link.ask(async () => {
      const [files, bytes] = await Promise.all([this.#redis.zcard(this.#keys.files(tenant)), this.#redis.hget(this.#keys.fileBytes, tenant)]);
      return { files, fileBytes: Number(bytes ?? 0) };
    });
  }

  /** Undefined for another tenant's, and for one whose time is up. */
  async read(tenant: string, id: string): Promise<FileRecord | undefined> {
    const file = await this.#link.ask(() => this.#read(id));
    return file?.tenant === tenant && file.expiresAtMs > Date.now() ? file : undefined;
  }

  /** `more` tells whether others follow. */
  async list(tenant: string, query: FileQuery): Promise<{ files: FileRecord[]; more: boolean }> {
    return this.#link.ask(async () => {
      const found: FileRecord[] = [];
      for await (const file of this.#following(tenant, query)) if (found.push(file) > query.most) break;
      return { files: found.slice(0, query.most), more: found.length > query.most };
    });
  }

  /** Once its bytes are gone; false where it was gone before. */
  async drop(file: Pick<FileRecord, 'id' | 'tenant'>): Promise<boolean> {
    return this.#link.ask(async () => (await this.#redis.dropFile(...this.#keysOf(file), file.id, file.tenant)) === 1);
  }

  /** Some files whose time is up, for whoever asks to delete and drop; offered again if that does not happen. */
  async takeExpired(most: number): Promise<FileRecord[]> {
    return this.#link.ask(async () => {
      const ids = (await this.#redis.takeExpired(this.#keys.filesExpiring, Date.now(), leaseMs, most)) as string[];
      return present(await Promise.all(ids.map((id) => this.#read(id))));
    });
  }

  async close(): Promise<void> {
    this.#link.redis.disconnect();
  }

  async *#following(tenant: string, { after, purpose, order = 'desc' }: FileQuery): AsyncGenerator<FileRecord> {
    const key = this.#keys.files(tenant);
    const rank = after === undefined ? -1 : await (order === 'desc' ? this.#redis.zrevrank(key, after) : this.#redis.zrank(key, after));
    if (rank === null) return;
    for (let from = rank + 1, ids: string[] = []; from === rank + 1 || ids.length === chunk; from += chunk) {
      ids = await (order === 'desc' ? this.#redis.zrange(key, from, from + chunk - 1, 'REV') : this.#redis.zrange(key, from, from + chunk - 1));
      for (const file of present(await Promise.all(ids.map((id) => this.#read(id))))) {
        if (file.expiresAtMs > Date.now() && (purpose === undefined || file.purpose === purpose)) yield file;
      }
    }
  }

  async #read(id: string): Promise<FileRecord | undefined> {
    const text = await this.#redis.get(this.#keys.file(id));
    return text === null ? undefined : fileRecord.parse(JSON.parse(text));
  }

  #keysOf({ id, tenant }: Pick<FileRecord, 'id' | 'tenant'>): [string, string, string, string] {
    return [this.#keys.file(id), this.#keys.files(tenant), this.#keys.filesExpiring, this.#keys.fileBytes];
  }

  get #redis(): Redis & FileCommands {
    return this.#link.redis as Redis & FileCommands;
  }
}

const present = <T>(found: readonly (T | undefined)[]): T[] => found.filter((each) => each !== undefined);
