import type { Problem } from '@slipstream/contracts';
import { ApiError, ConnectionError } from './errors.js';
import { pause } from './pause.js';

export interface ConnectionOptions {
  /** Where the gateway is, without `/v1`: `https://pictures.example.org`. */
  readonly baseUrl: string;
  readonly apiKey?: string;
  /** Further tries of what may succeed later, default 2. */
  readonly retries?: number;
  /** Longest wait for a further try; an error that asks for more is thrown. Default 60. */
  readonly mostRetrySeconds?: number;
  /** How long one try may take, default 120. */
  readonly timeoutSeconds?: number;
  readonly fetch?: typeof globalThis.fetch;
  /** Waits before a further try; for tests. */
  readonly pause?: typeof pause;
}

export interface Ask {
  readonly method?: 'GET' | 'POST';
  readonly json?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** Asks the gateway, and asks again where that may help: after `Retry-After`, or after half a second, a second, two, … */
export class Connection {
  readonly #options: Required<Omit<ConnectionOptions, 'apiKey'>> & Pick<ConnectionOptions, 'apiKey'>;

  constructor({ baseUrl, apiKey, retries = 2, mostRetrySeconds = 60, timeoutSeconds = 120, fetch = globalThis.fetch.bind(globalThis), pause: wait = pause }: ConnectionOptions) {
    this.#options = { baseUrl: baseUrl.replace(/\/+$/, ''), apiKey, retries, mostRetrySeconds, timeoutSeconds, fetch, pause: wait };
  }

  /** @throws ApiError, ConnectionError, and the signal's reason */
  async ask<T>(path: string, ask: Ask = {}): Promise<{ status: number; body: T }> {
    const { retries, mostRetrySeconds, pause: wait } = this.#options;
    for (let tried = 0; ; tried += 1) {
      try {
        return await this.#once<T>(path, ask);
      } catch (error) {
        const seconds = delayOf(error, tried);
        if (seconds === undefined || tried >= retries || seconds > mostRetrySeconds) throw error;
        await wait(seconds * 1000, ask.signal);
      }
    }
  }

  /** The bytes at an address that an answer gave; the key is not sent there. */
  async download(url: string, signal?: AbortSignal): Promise<Uint8Array> {
    const response = await this.#fetch(url, {}, signal);
    if (!response.ok) throw await errorOf(response);
    return new Uint8Array(await response.arrayBuffer());
  }

  async #once<T>(path: string, { method = 'GET', json, headers = {}, signal }: Ask): Promise<{ status: number; body: T }> {
    const { baseUrl, apiKey } = this.#options;
    const own = { ...(json !== undefined && { 'content-type': 'application/json' }), ...(apiKey !== undefined && { authorization: `Bearer ${apiKey}` }) };
    const response = await this.#fetch(baseUrl + path, { method, headers: { ...own, ...headers }, ...(json !== undefined && { body: JSON.stringify(json) }) }, signal);
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

/** Seconds until a further try; undefined where none would help. */
function delayOf(error: unknown, tried: number): number | undefined {
  const retryable = error instanceof ConnectionError || (error instanceof ApiError && error.retryable);
  if (!retryable) return undefined;
  const asked = error instanceof ApiError ? error.retryAfterSeconds : undefined;
  return asked ?? Math.min(8, 0.5 * 2 ** tried) * (0.75 + Math.random() / 2);
}
