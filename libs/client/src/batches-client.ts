import type { BatchList, BatchObject, BatchRequest } from '@slipstream/contracts';
import type { Connection } from './connection.js';
import { madeOnce } from './made-once.js';
import { membersOf, queryOf, type PageQuery } from './pages.js';
import type { RequestOptions, SubmitOptions } from './slipstream-client.js';

/** What a batch is made with; the endpoint and the window have one value each. */
export type NewBatch = Omit<BatchRequest, 'endpoint' | 'completion_window'>;

/** The requests of a file, made behind those that somebody waits for. Throws as `SlipstreamClient` does. */
export class BatchesClient {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  async create(batch: NewBatch, { idempotencyKey, signal }: SubmitOptions = {}): Promise<BatchObject> {
    const json = { ...batch, endpoint: '/v1/images/generations', completion_window: '24h' } satisfies BatchRequest;
    return (await this.#connection.ask<BatchObject>('/v1/batches', { method: 'POST', json, signal, headers: madeOnce(idempotencyKey) })).body;
  }

  /** A page, the latest first. */
  async list(query: PageQuery = {}, { signal }: RequestOptions = {}): Promise<BatchList> {
    return (await this.#connection.ask<BatchList>(`/v1/batches${queryOf(query)}`, { signal })).body;
  }

  listAll(query: PageQuery = {}, options: RequestOptions = {}): AsyncGenerator<BatchObject> {
    return membersOf(query, (page) => this.list(page, options));
  }

  async get(id: string, { signal }: RequestOptions = {}): Promise<BatchObject> {
    return (await this.#connection.ask<BatchObject>(pathOf(id), { signal })).body;
  }

  /** What was made is in its output file. @throws ApiError `batch_settled` once it has ended */
  async cancel(id: string, { signal }: RequestOptions = {}): Promise<BatchObject> {
    return (await this.#connection.ask<BatchObject>(`${pathOf(id)}/cancel`, { method: 'POST', signal })).body;
  }
}

const pathOf = (id: string): string => `/v1/batches/${encodeURIComponent(id)}`;
