import type { FleetObject, GenerationList, GenerationObject, GenerationRequestInput, GenerationStatus, ImagesAnswer, ModelList, ModelObject, PictureDatum } from '@slipstream/contracts';
import { Connection, type ConnectionOptions } from './connection.js';
import { GenerationEndedError } from './errors.js';
import { pause } from './pause.js';
import { StudiesClient } from './studies-client.js';

export type ClientOptions = ConnectionOptions;

export interface RequestOptions {
  readonly signal?: AbortSignal;
}

export interface SubmitOptions extends RequestOptions {
  /** Your own name for this request: sent again with the same body it brings the same generation. Made up if left out, so that a further try makes no second one. */
  readonly idempotencyKey?: string;
}

export interface ReadOptions extends RequestOptions {
  /** Default `url`. */
  readonly responseFormat?: 'url' | 'b64_json';
}

export interface WaitOptions extends ReadOptions {
  /** Told each state that was seen, the last one included. */
  readonly onProgress?: (generation: GenerationObject) => void;
}

/** Where a generation is, or a preview of one of its pictures, as `GET /v1/generations/{id}/events` tells it. */
export type GenerationEvent =
  | ({ readonly type: 'generation.state' } & GenerationObject)
  | { readonly type: 'generation.preview'; readonly id: string; readonly index: number; readonly step: number; readonly steps: number; readonly output_format: GenerationObject['output_format']; readonly b64_json: string; readonly grid: string; readonly masked: string };

export interface FollowOptions extends RequestOptions {
  /** Of the last event that was seen: what has changed since is told. */
  readonly lastEventId?: string;
}

/** Times in Unix seconds; `after` is the `last_id` of the page before. */
export interface ListQuery {
  readonly status?: GenerationStatus;
  readonly created_after?: number;
  readonly created_before?: number;
  readonly after?: string;
  /** 1 to 100, default 20. */
  readonly limit?: number;
}

/** The pictures, or the job that goes on since they were not ready in time. */
export type Images = { readonly pictures: ImagesAnswer } | { readonly job: GenerationObject };

const firstLookMs = 100;
const mostLookMs = 2_000;

/**
 * The HTTP API of a Slipstream gateway. What may succeed later is tried again, as often and as late as the gateway asks;
 * every method throws `ApiError`, `ConnectionError` or the reason of the signal that it was given.
 */
export class SlipstreamClient {
  readonly studies: StudiesClient;
  readonly #connection: Connection;

  constructor(options: ClientOptions) {
    this.#connection = new Connection(options);
    this.studies = new StudiesClient(this.#connection);
  }

  /** Asks for pictures and waits for them, at most `waitSeconds` or as long as the gateway keeps a client waiting. */
  async images(request: GenerationRequestInput, { waitSeconds, ...options }: SubmitOptions & { waitSeconds?: number } = {}): Promise<Images> {
    const { status, body } = await this.#post<ImagesAnswer | GenerationObject>('/v1/images/generations', request, { ...options, ...(waitSeconds !== undefined && { prefer: `wait=${waitSeconds}` }) });
    return status === 202 ? { job: body as GenerationObject } : { pictures: body as ImagesAnswer };
  }

  /** Asks for pictures and returns at once. */
  async submit(request: GenerationRequestInput, options: SubmitOptions = {}): Promise<GenerationObject> {
    return (await this.#post<GenerationObject>('/v1/generations', request, options)).body;
  }

  async get(id: string, { responseFormat, signal }: ReadOptions = {}): Promise<GenerationObject> {
    const query = responseFormat === undefined ? '' : `?response_format=${responseFormat}`;
    return (await this.#connection.ask<GenerationObject>(`/v1/generations/${encodeURIComponent(id)}${query}`, { signal })).body;
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
    const asked = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== undefined).map(([name, value]): [string, string] => [name, String(value)]));
    return (await this.#connection.ask<GenerationList>(`/v1/generations?${asked}`, { signal })).body;
  }

  /**
   * What happens to a generation, as it happens, to its end. Tried once: whoever is cut off comes back with the id of the
   * last event. @throws ConnectionError when the server breaks off
   */
  async *follow(id: string, { lastEventId, signal }: FollowOptions = {}): AsyncGenerator<{ readonly id?: string; readonly event: GenerationEvent }> {
    const headers: Record<string, string> = lastEventId === undefined ? {} : { 'last-event-id': lastEventId };
    for await (const { id: eventId, data } of this.#connection.events(`/v1/generations/${encodeURIComponent(id)}/events`, { headers, signal })) {
      yield { ...(eventId !== undefined && { id: eventId }), event: data as GenerationEvent };
    }
  }

  /** Stops it at its next step. @throws ApiError `generation_settled` once it has ended otherwise */
  async cancel(id: string, { signal }: RequestOptions = {}): Promise<GenerationObject> {
    return (await this.#connection.ask<GenerationObject>(`/v1/generations/${encodeURIComponent(id)}/cancel`, { method: 'POST', signal })).body;
  }

  /** The bytes of a picture, however the answer carries it. */
  async download(picture: PictureDatum, { signal }: RequestOptions = {}): Promise<Uint8Array> {
    if ('url' in picture) return this.#connection.download(picture.url, signal);
    return Uint8Array.from(atob(picture.b64_json), (letter) => letter.charCodeAt(0));
  }

  async models({ signal }: RequestOptions = {}): Promise<ModelObject[]> {
    return (await this.#connection.ask<ModelList>('/v1/models', { signal })).body.data;
  }

  /** How the workers are, and were: an hour by minutes, or a week by hours. */
  async fleet(span: 'hour' | 'week' = 'hour', { signal }: RequestOptions = {}): Promise<FleetObject> {
    return (await this.#connection.ask<FleetObject>(`/v1/fleet?span=${span}`, { signal })).body;
  }

  #post<T>(path: string, json: GenerationRequestInput, { signal, idempotencyKey = madeUpKey(), prefer }: SubmitOptions & { prefer?: string }): Promise<{ status: number; body: T }> {
    return this.#connection.ask<T>(path, { method: 'POST', json, signal, headers: { 'idempotency-key': idempotencyKey, ...(prefer !== undefined && { prefer }) } });
  }
}

/** `crypto.randomUUID` is missing on pages that did not come by HTTPS. */
const madeUpKey = (): string => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
