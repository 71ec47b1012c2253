import type { StudyDeleted, StudyList, StudyObject, StudyPairObject, StudyRequestInput, StudyResults, VoteObject, VoteRequest } from '@slipstream/contracts';
import type { Connection } from './connection.js';
import { madeOnce } from './made-once.js';
import type { RequestOptions, SubmitOptions } from './slipstream-client.js';

/** Blind comparisons, by people. Throws as `SlipstreamClient` does. */
export class StudiesClient {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Nothing of it can be changed afterwards. */
  async create(request: StudyRequestInput, { idempotencyKey, signal }: SubmitOptions = {}): Promise<StudyObject> {
    return (await this.#connection.ask<StudyObject>('/v1/studies', { method: 'POST', json: request, signal, headers: madeOnce(idempotencyKey) })).body;
  }

  /** The latest first. */
  async list({ signal }: RequestOptions = {}): Promise<StudyObject[]> {
    return (await this.#connection.ask<StudyList>('/v1/studies', { signal })).body.data;
  }

  async get(id: string, { signal }: RequestOptions = {}): Promise<StudyObject> {
    return (await this.#connection.ask<StudyObject>(pathOf(id), { signal })).body;
  }

  /** With all of its votes. */
  async delete(id: string, { signal }: RequestOptions = {}): Promise<StudyDeleted> {
    return (await this.#connection.ask<StudyDeleted>(pathOf(id), { method: 'DELETE', signal })).body;
  }

  /** What to vote on next: each pair is shown once, and again to whoever asks again. */
  async pair(id: string, { signal }: RequestOptions = {}): Promise<StudyPairObject> {
    return (await this.#connection.ask<StudyPairObject>(`${pathOf(id)}/pairs`, { method: 'POST', signal })).body;
  }

  /** @throws ApiError `pair_voted` where this pair has its vote, perhaps by a try of this call that was counted and not heard of */
  async vote(id: string, vote: VoteRequest, { signal }: RequestOptions = {}): Promise<VoteObject> {
    return (await this.#connection.ask<VoteObject>(`${pathOf(id)}/votes`, { method: 'POST', json: vote, signal })).body;
  }

  async results(id: string, { signal }: RequestOptions = {}): Promise<StudyResults> {
    return (await this.#connection.ask<StudyResults>(`${pathOf(id)}/results`, { signal })).body;
  }

  /** All votes, the oldest first, as the text of a file. */
  async export(id: string, format: 'json' | 'csv', { signal }: RequestOptions = {}): Promise<string> {
    return (await this.#connection.blob(`${pathOf(id)}/votes?format=${format}`, signal)).text();
  }
}

const pathOf = (id: string): string => `/v1/studies/${encodeURIComponent(id)}`;
