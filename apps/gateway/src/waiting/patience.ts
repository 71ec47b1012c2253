import type { ServerResponse } from 'node:http';

/** Why a wait ended before its generation did. */
export type Impatience = 'disconnected' | 'limit' | 'leaving';

/** How long a client is made to wait: until it hangs up, the limit passes, or this gateway leaves. */
export class Patience {
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout;

  constructor(limitSeconds: number) {
    this.#timer = setTimeout(() => this.end('limit'), limitSeconds * 1000);
  }

  /** Patience with the client of this answer. One that may return, by an idempotency key, leaves its generation behind when it hangs up. */
  static with(response: ServerResponse, { limitSeconds, mayReturn = false }: { limitSeconds: number; mayReturn?: boolean }): Patience {
    const patience = new Patience(limitSeconds);
    const why = mayReturn ? 'limit' : 'disconnected';
    if (response.closed) patience.end(why);
    else response.once('close', () => patience.end(why));
    return patience;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** undefined while there is patience left. */
  get ended(): Impatience | undefined {
    return this.signal.reason as Impatience | undefined;
  }

  /** The first reason stays. */
  end(why: Impatience): void {
    this.close();
    if (!this.signal.aborted) this.#controller.abort(why);
  }

  close(): void {
    clearTimeout(this.#timer);
  }
}
