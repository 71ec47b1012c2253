import type { FleetObject, GenerationDeleted, GenerationList, GenerationObject, GenerationRequestInput, GenerationStatus, ImageEvent, ImagesAnswer, ModelList, ModelObject, PictureDatum } from '@slipstream/contracts';
import { BatchesClient } from './batches-client.js';
import { Connection, type ConnectionOptions } from './connection.js';
import { DatasetsClient } from './datasets-client.js';
import { GenerationEndedError, type ConnectionError } from './errors.js';
import { FilesClient } from './files-client.js';
import { follow, type FollowedEvent, type FollowOptions } from './follow.js';
import { imageStream } from './image-stream.js';
import { madeOnce } from './made-once.js';
import { membersOf, queryOf, type PageQuery } from './pages.js';
import { pause } from './pause.js';
import { StudiesClient } from './studies-client.js';
import { WebhooksClient } from './webhooks-client.js';

export type ClientOptions = ConnectionOptions;

export interface RequestOptions {
  readonly signal?: AbortSignal;
}

export interface SubmitOptions extends RequestOptions {
  /** Your own name for this request: sent again with the same body it brings what it made before. Made up if left out, so that a further try makes no second one. */
  readonly idempotencyKey?: string;
}

export interface StreamOptions extends SubmitOptions {
  /** Told each time that the connection is lost, before the next try. */
  readonly onLost?: (error: ConnectionError) => void;
}

export interface ReadOptions extends RequestOptions {
  /** Default `url`. */
  readonly responseFormat?: 'url' | 'b64_json';
}

export interface WaitOptions extends ReadOptions {
  /** Told each state that was seen, the last one included. */
  readonly onProgress?: (generation: GenerationObject) => void;
}

/** Times in Unix seconds. */
export interface ListQuery extends PageQuery {
  readonly status?: GenerationStatus;
  /** What the prompt has in it, in upper or lower case. */
  readonly prompt?: string;
  readonly created_after?: number;
  readonly created_before?: number;
}

/** Whether it is streamed is said by the method. */
export type ImageRequest = Omit<GenerationRequestInput, 'stream'>;

/** The pictures, or the job that goes on since they were not ready in time. */
export type Images = { readonly pictures: ImagesAnswer } | { readonly job: GenerationObject };

const firstLookMs = 100;
const mostLookMs = 2_000;

/**
 * The HTTP API of a Slipstream gateway. What may succeed later is tried again, as often and as late as the gateway asks;
 * every method throws `ApiError`, `ConnectionError` or the reason of the signal that it was given.
 */
export class SlipstreamClient {
  readonly batches: BatchesClient;
  readonly datasets: DatasetsClient;
  readonly files: FilesClient;
  readonly studies: StudiesClient;
  readonly webhooks: WebhooksClient;
  readonly #connection: Connection;

  constructor(options: ClientOptions) {
    this.#connection = new Connection(options);
    this.batches = new BatchesClient(this.#connection);
    this.datasets = new DatasetsClient(this.#connection);
    this.files = new FilesClient(this.#connection);
    this.studies = new StudiesClient(this.#connection);
    this.webhooks = new WebhooksClient(this.#connection);
  }

  /** Asks for pictures and waits for them, at most `waitSeconds` or as long as the gateway keeps a client waiting. */
  async images(request: ImageRequest, { waitSeconds, ...options }: SubmitOptions & { waitSeconds?: number } = {}): Promise<Images> {
    const { status, body } = await this.#post<ImagesAnswer | GenerationObject>('/v1/images/generations', request, { ...options, ...(waitSeconds !== undefined && { prefer: `wait=${waitSeconds}` }) });
    return status === 202 ? { job: body as GenerationObject } : { pictures: body as ImagesAnswer };
  }

  /**
   * Asks for pictures and tells what they may become, as far as `partial_images` of the request asks for that, and then each of them,
   * inline. Where it was cut off it goes on with the same generation, until the signal aborts; leaving the iteration cancels nothing,
   * `cancel(event.id)` does. @throws ApiError of what it is refused for or ends by, ConnectionError only where nothing was ever heard
   */
  stream(request: ImageRequest, { idempotencyKey, ...options }: StreamOptions = {}): AsyncGenerator<ImageEvent> {
    return imageStream(this.#connection, request, { headers: madeOnce(idempotencyKey), ...options });
  }

  /** Asks for pictures and returns at once. */
  async submit(request: ImageRequest, options: SubmitOptions = {}): Promise<GenerationObject> {
    return (await this.#post<GenerationObject>('/v1/generations', request, options)).body;
  }

  async get(id: string, { responseFormat, signal }: ReadOptions = {}): Promise<GenerationObject> {
    return (await this.#connection.ask<GenerationObject>(`${pathOf(id)}${queryOf({ response_format: responseFormat })}`, { signal })).body;
  }

  /** Waits until it has completed, however long that takes. Aborting the signal ends the wait and cancels nothing. @throws GenerationEndedError when it ends without pictures */
  async wait(id: string, { onProgress, ...options }: WaitOptions = {}): Promise<GenerationObject> {
    for (let lookMs = firstLookMs; ; lookMs = Math.min(mostLookMs, lookMs * 1.5)) {
      const generation = await this.get(id, options);
      onProgress?.(generation);
      switch (generation.status) {
        case 'completed':
          return generation;
        case 'failed':
        case 'cancelled':
        case 'expired':
          throw new GenerationEndedError(generation);
        case 'queued':
        case 'in_progress':
        case 'cancelling':
          await pause(lookMs, options.signal);
      }
    }
  }

  /** A page of what was asked for lately, the latest first. */
  async list(query: ListQuery = {}, { signal }: RequestOptions = {}): Promise<GenerationList> {
    return (await this.#connection.ask<GenerationList>(`/v1/generations${queryOf(query)}`, { signal })).body;
  }

  /** All that `list` pages through. */
  listAll(query: ListQuery = {}, options: RequestOptions = {}): AsyncGenerator<GenerationObject> {
    return membersOf(query, (page) => this.list(page, options));
  }

  /**
   * What happens to a generation, as it happens, to its end. Where it was cut off it goes on behind the last event that came,
   * until the signal aborts. @throws ConnectionError only where nothing was ever heard
   */
  follow(id: string, options: FollowOptions = {}): AsyncGenerator<FollowedEvent> {
    return follow(this.#connection, id, options);
  }

  /** Stops it at its next step. @throws ApiError `generation_settled` once it has ended otherwise */
  async cancel(id: string, { signal }: RequestOptions = {}): Promise<GenerationObject> {
    return (await this.#connection.ask<GenerationObject>(`${pathOf(id)}/cancel`, { method: 'POST', signal })).body;
  }

  /** With its pictures. @throws ApiError `generation_unsettled` until it has ended */
  async delete(id: string, { signal }: RequestOptions = {}): Promise<GenerationDeleted> {
    return (await this.#connection.ask<GenerationDeleted>(pathOf(id), { method: 'DELETE', signal })).body;
  }

  /** The bytes of a picture, however the answer carries it, or of another file that an answer links to. */
  async download(picture: PictureDatum | { readonly url: string }, { signal }: RequestOptions = {}): Promise<Uint8Array> {
    if ('url' in picture) return this.#connection.download(picture.url, signal);
    return Uint8Array.from(atob(picture.b64_json), (letter) => letter.charCodeAt(0));
  }

  async models({ signal }: RequestOptions = {}): Promise<ModelObject[]> {
    return (await this.#connection.ask<ModelList>('/v1/models', { signal })).body.data;
  }

  async model(id: string, { signal }: RequestOptions = {}): Promise<ModelObject> {
    return (await this.#connection.ask<ModelObject>(`/v1/models/${encodeURIComponent(id)}`, { signal })).body;
  }

  /** How the workers are, and were: an hour by minutes, or a week by hours. */
  async fleet(span: 'hour' | 'week' = 'hour', { signal }: RequestOptions = {}): Promise<FleetObject> {
    return (await this.#connection.ask<FleetObject>(`/v1/fleet?span=${span}`, { signal })).body;
  }

  #post<T>(path: string, json: ImageRequest, { signal, idempotencyKey, prefer }: SubmitOptions & { prefer?: string }): Promise<{ status: number; body: T }> {
    return this.#connection.ask<T>(path, { method: 'POST', json, signal, headers: { ...madeOnce(idempotencyKey), ...(prefer !== undefined && { prefer }) } });
  }
}

const pathOf = (id: string): string => `/v1/generations/${encodeURIComponent(id)}`;
