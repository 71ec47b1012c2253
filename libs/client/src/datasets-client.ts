import type { DatasetDeleted, DatasetList, DatasetObject, DatasetRequestInput, DatasetShard, DatasetShardList } from '@slipstream/contracts';
import type { Connection } from './connection.js';
import { madeOnce } from './made-once.js';
import { membersOf, queryOf, type PageQuery } from './pages.js';
import type { RequestOptions, SubmitOptions } from './slipstream-client.js';

/** Data sets, made as shards. Throws as `SlipstreamClient` does. */
export class DatasetsClient {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  async create(request: DatasetRequestInput, { idempotencyKey, signal }: SubmitOptions = {}): Promise<DatasetObject> {
    return (await this.#connection.ask<DatasetObject>('/v1/datasets', { method: 'POST', json: request, signal, headers: madeOnce(idempotencyKey) })).body;
  }

  /** A page, the latest first. */
  async list(query: PageQuery = {}, { signal }: RequestOptions = {}): Promise<DatasetList> {
    return (await this.#connection.ask<DatasetList>(`/v1/datasets${queryOf(query)}`, { signal })).body;
  }

  listAll(query: PageQuery = {}, options: RequestOptions = {}): AsyncGenerator<DatasetObject> {
    return membersOf(query, (page) => this.list(page, options));
  }

  /** How far it is; once it is completed, with links to its manifest and card, which `download` takes as `{ url }`. */
  async get(id: string, { signal }: RequestOptions = {}): Promise<DatasetObject> {
    return (await this.#connection.ask<DatasetObject>(pathOf(id), { signal })).body;
  }

  /** A page of those that are done, by number; `download` takes their `tar`, `table` and `stats`. */
  async shards(id: string, query: PageQuery = {}, { signal }: RequestOptions = {}): Promise<DatasetShardList> {
    return (await this.#connection.ask<DatasetShardList>(`${pathOf(id)}/shards${queryOf(query)}`, { signal })).body;
  }

  allShards(id: string, query: PageQuery = {}, options: RequestOptions = {}): AsyncGenerator<DatasetShard> {
    return membersOf(query, (page) => this.shards(id, page, options));
  }

  /** Makes no further shard; those that are done stay. @throws ApiError `dataset_settled` once it has ended */
  async cancel(id: string, { signal }: RequestOptions = {}): Promise<DatasetObject> {
    return (await this.#connection.ask<DatasetObject>(`${pathOf(id)}/cancel`, { method: 'POST', signal })).body;
  }

  /** With its files. @throws ApiError `dataset_unsettled` until it has ended */
  async delete(id: string, { signal }: RequestOptions = {}): Promise<DatasetDeleted> {
    return (await this.#connection.ask<DatasetDeleted>(pathOf(id), { method: 'DELETE', signal })).body;
  }
}

const pathOf = (id: string): string => `/v1/datasets/${encodeURIComponent(id)}`;
