import type { Problem } from '@slipstream/contracts';
import { ApiError, ConnectionError } from './errors.js';
import { eventsIn } from './event-stream.js';
import { pause } from './pause.js';
import { Silence } from './silence.js';

export interface ConnectionOptions {
  /** Where the gateway is, without `/v1`: `https://pictures.example.org`. */
  readonly baseUrl: string;
  readonly apiKey?: string;
  /** Further tries of what may succeed later, default 2. */
  readonly retries?: number;
  /** Longest wait for a further try; an error that asks for more is thrown. Default 60. */
  readonly mostRetrySeconds?: number;
  /** How long one try may take, default 120; of a file and of events, how long nothing of them may come. */
  readonly timeoutSeconds?: number;
  readonly fetch?: typeof globalThis.fetch;
  /** Waits before a further try; for tests. */
  readonly pause?: typeof pause;
}

export interface Ask {
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly json?: unknown;
  readonly form?: FormData;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  /** Tried again only where the gateway refused: asked twice, it would be done twice. */
  readonly once?: boolean;
}

/** A request whose events are read. */
export interface Listening extends Pick<Ask, 'method' | 'json' | 'headers' | 'signal'> {
  /** Told where the server says that all has been seen. */
  readonly onNoMore?: () => void;
}

/** Asks the gateway, and asks again where that may help: after `Retry-After`, or after half a second, a second, two, … */
export class Connection {
  readonly #options: Required<Omit<ConnectionOptions, 'apiKey'>> & Pick<ConnectionOptions, 'apiKey'>;

  constructor({ baseUrl, apiKey, retries = 2, mostRetrySeconds = 60, timeoutSeconds = 120, fetch = globalThis.fetch.bind(globalThis), pause: wait = pause }: ConnectionOptions) {
    this.#options = { baseUrl: baseUrl.replace(/\/+$/, ''), apiKey, retries, mostRetrySeconds, timeoutSeconds, fetch, pause: wait };
  }

  get url(): string {
    return this.#options.baseUrl;
  }

  /** @throws ApiError, ConnectionError, and the signal's reason */
  async ask<T>(path: string, ask: Ask = {}): Promise<{ status: number; body: T }> {
    for (let tried = 0; ; tried += 1) {
      try {
        return await this.#once<T>(path, ask);
      } catch (error) {
        if (ask.once && isUnanswered(error)) throw error;
        await this.rest(error, tried, { signal: ask.signal });
      }
    }
  }

  /** Waits until a further try may succeed. @throws the error where none is due, and the signal's reason */
  async rest(error: unknown, tried: number, { retries = this.#options.retries, signal }: { retries?: number; signal?: AbortSignal }): Promise<void> {
    const seconds = delayOf(error, tried);
    if (seconds === undefined || tried >= retries || seconds > this.#options.mostRetrySeconds) throw error;
    await this.#options.pause(seconds * 1000, signal);
  }

  /** An answer as it is; tried once. */
  async blob(path: string, signal?: AbortSignal): Promise<Blob> {
    return this.#read(this.#options.baseUrl + path, { headers: this.#key() }, signal);
  }

  /** The bytes at an address that an answer gave; the key is not sent there. */
  async download(url: string, signal?: AbortSignal): Promise<Uint8Array> {
    return new Uint8Array(await (await this.#read(url, {}, signal)).arrayBuffer());
  }

  /**
   * Events as they come, until the server has told all; tried once. Breaks off where not even the comment of a quiet line
   * has come for `timeoutSeconds`. @throws ApiError, ConnectionError, and the signal's reason
   */
  async *events(path: string, { signal, onNoMore, ...ask }: Listening = {}): AsyncGenerator<{ id?: string; data: unknown }> {
    const { baseUrl, fetch, timeoutSeconds } = this.#options;
    const silence = new Silence(timeoutSeconds);
    try {
      const init = this.#init({ ...ask, headers: { accept: 'text/event-stream', ...ask.headers } });
      const response = await fetch(baseUrl + path, { ...init, signal: silence.or(signal) });
      if (!response.ok) throw await errorOf(response);
      if (response.status === 204 || !response.body) return onNoMore?.();
      for await (const { id, event, data } of eventsIn(response.body, silence.heard)) {
        if (event === 'error') throw new ApiError(response, JSON.parse(data) as Problem);
        yield { ...(id !== undefined && { id }), data: JSON.parse(data) as unknown };
      }
    } catch (cause) {
      signal?.throwIfAborted();
      throw cause instanceof ApiError ? cause : new ConnectionError(baseUrl, cause);
    } finally {
      silence.end();
    }
  }

  /** All of a body that may be large. */
  async #read(url: string, init: RequestInit, signal?: AbortSignal): Promise<Blob> {
    signal?.throwIfAborted();
    const silence = new Silence(this.#options.timeoutSeconds);
    try {
      const response = await this.#options.fetch(url, { ...init, signal: silence.or(signal) });
      if (!response.ok) throw await errorOf(response);
      const [reader, pieces] = [response.body?.getReader(), [] as Uint8Array<ArrayBuffer>[]];
      for (let next = await reader?.read(); next && !next.done; next = await reader?.read()) {
        silence.heard();
        pieces.push(next.value);
      }
      return new Blob(pieces, { type: response.headers.get('content-type') ?? '' });
    } catch (cause) {
      signal?.throwIfAborted();
      throw cause instanceof ApiError ? cause : new ConnectionError(url, cause);
    } finally {
      silence.end();
    }
  }

  #key(): Record<string, string> {
    const { apiKey } = this.#options;
    return apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` };
  }

  #init({ method = 'GET', json, form, headers = {} }: Ask): RequestInit {
    const own = { ...(json !== undefined && { 'content-type': 'application/json' }), ...this.#key() };
    const body = json === undefined ? form : JSON.stringify(json);
    return { method, headers: { ...own, ...headers }, ...(body !== undefined && { body }) };
  }

  async #once<T>(path: string, { signal, ...ask }: Ask): Promise<{ status: number; body: T }> {
    const response = await this.#fetch(this.#options.baseUrl + path, this.#init(ask), signal);
    if (!response.ok) throw await errorOf(response);
    return { status: response.status, body: (await response.json()) as T };
  }

  async #fetch(url: string, init: RequestInit, signal?: AbortSignal): Promise<Response> {
    signal?.throwIfAborted();
    const timeout = AbortSignal.timeout(this.#options.timeoutSeconds * 1000);
    try {
      return await this.#options.fetch(url, { ...init, signal: signal ? AbortSignal.any([signal, timeout]) : timeout });
    } catch (cause) {
      signal?.throwIfAborted();
      throw new ConnectionError(url, timeout.aborted ? timeout.reason : cause); // asked here, the timeout outlives the garbage collection
    }
  }
}

async function errorOf(response: Response): Promise<ApiError> {
  const body = (await response.json().catch(() => undefined)) as Problem | undefined;
  return new ApiError(response, body?.error?.code ? body : undefined);
}

/** Whether the gateway may have done what it was asked. */
const isUnanswered = (error: unknown): boolean => !(error instanceof ApiError) || error.code === 'unexpected_answer';

/** Seconds until a further try; undefined where none would help. */
function delayOf(error: unknown, tried: number): number | undefined {
  const retryable = error instanceof ConnectionError || (error instanceof ApiError && error.retryable);
  if (!retryable) return undefined;
  const asked = error instanceof ApiError ? error.retryAfterSeconds : undefined;
  return asked ?? Math.min(8, 0.5 * 2 ** tried) * (0.75 + Math.random() / 2);
}
