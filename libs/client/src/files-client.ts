import type { FileDeleted, FileList, FileObject, FilePurpose } from '@slipstream/contracts';
import type { Connection } from './connection.js';
import { madeOnce } from './made-once.js';
import { membersOf, queryOf, type PageQuery } from './pages.js';
import type { RequestOptions, SubmitOptions } from './slipstream-client.js';

export interface Upload extends SubmitOptions {
  /** Default: that of a `File`, else `requests.jsonl`. Of a data set's prompts its end says what it holds. */
  readonly filename?: string;
  /** How long it is kept, from 3,600 to 2,592,000 seconds; the longest if left out. */
  readonly expiresAfterSeconds?: number;
}

export interface FilesQuery extends PageQuery {
  readonly purpose?: FilePurpose;
  /** By time of making, default `desc`. */
  readonly order?: 'asc' | 'desc';
}

/** Where the requests of batches go in, and their results come out. Throws as `SlipstreamClient` does. */
export class FilesClient {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** All of it within the connection's `timeoutSeconds`; a further try sends all of it again. */
  async upload(file: Blob, { filename, expiresAfterSeconds, idempotencyKey, signal }: Upload = {}): Promise<FileObject> {
    const form = new FormData();
    form.set('purpose', 'batch');
    if (expiresAfterSeconds !== undefined) {
      form.set('expires_after[anchor]', 'created_at');
      form.set('expires_after[seconds]', String(expiresAfterSeconds));
    }
    form.set('file', file, filename ?? (file as Partial<File>).name ?? 'requests.jsonl');
    return (await this.#connection.ask<FileObject>('/v1/files', { method: 'POST', form, signal, headers: madeOnce(idempotencyKey) })).body;
  }

  /** A page, the latest first. */
  async list(query: FilesQuery = {}, { signal }: RequestOptions = {}): Promise<FileList> {
    return (await this.#connection.ask<FileList>(`/v1/files${queryOf(query)}`, { signal })).body;
  }

  listAll(query: FilesQuery = {}, options: RequestOptions = {}): AsyncGenerator<FileObject> {
    return membersOf(query, (page) => this.list(page, options));
  }

  async get(id: string, { signal }: RequestOptions = {}): Promise<FileObject> {
    return (await this.#connection.ask<FileObject>(pathOf(id), { signal })).body;
  }

  /** Its bytes. */
  async content(id: string, { signal }: RequestOptions = {}): Promise<Blob> {
    return this.#connection.blob(`${pathOf(id)}/content`, signal);
  }

  async delete(id: string, { signal }: RequestOptions = {}): Promise<FileDeleted> {
    return (await this.#connection.ask<FileDeleted>(pathOf(id), { method: 'DELETE', signal })).body;
  }
}

const pathOf = (id: string): string => `/v1/files/${encodeURIComponent(id)}`;
