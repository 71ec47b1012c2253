import type { Redis } from 'ioredis';
import { fileRecord, type FilePurpose, type FileRecord } from '@slipstream/contracts';
import { queueKeys, type QueueKeys } from '../keys.js';
import { RedisLink, type OutageListener } from '../redis.js';
import { fileScripts, type FileCommands } from './file-scripts.js';

export interface FileBookOptions extends OutageListener {
  readonly redisUrl: string;
  readonly prefix: string;
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

/**
 * What is known of the files of all tenants; their bytes are elsewhere. A tenant meets its own alone. Every method fails
 * within seconds with `queue_unavailable` while Redis is away.
 */
export class FileBook {
  readonly #link: RedisLink;
  readonly #keys: QueueKeys;

  constructor({ redisUrl, prefix, ...listener }: FileBookOptions) {
    this.#keys = queueKeys(prefix);
    this.#link = new RedisLink(redisUrl, { role: 'producer', ...listener });
    for (const [name, script] of Object.entries(fileScripts)) this.#link.redis.defineCommand(name, script);
  }

  /** Again with the same id: does nothing new. */
  async add(file: FileRecord): Promise<void> {
    await this.#link.ask(() => this.#redis.addFile(...this.#keysOf(file), file.id, JSON.stringify(file), file.createdAtMs, file.expiresAtMs));
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
    return this.#link.ask(async () => (await this.#redis.dropFile(...this.#keysOf(file), file.id)) === 1);
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

  #keysOf({ id, tenant }: Pick<FileRecord, 'id' | 'tenant'>): [string, string, string] {
    return [this.#keys.file(id), this.#keys.files(tenant), this.#keys.filesExpiring];
  }

  get #redis(): Redis & FileCommands {
    return this.#link.redis as Redis & FileCommands;
  }
}

const present = <T>(found: readonly (T | undefined)[]): T[] => found.filter((each) => each !== undefined);
