import type { KeyStore } from '@slipstream/queue';

const everyMs = 10_000;

/** When keys were last seen: one write for all of them every ten seconds, and none of it is waited for. */
export class LastUsed {
  readonly #store: Pick<KeyStore, 'recordUse'>;
  #seen = new Map<string, number>();
  readonly #timer: NodeJS.Timeout;

  constructor(store: Pick<KeyStore, 'recordUse'>) {
    this.#store = store;
    this.#timer = setInterval(() => void this.flush(), everyMs).unref();
  }

  saw(keyId: string): void {
    this.#seen.set(keyId, Date.now());
  }

  /** Never rejects: what cannot be written is written with the next. */
  async flush(): Promise<void> {
    const seen = this.#seen;
    if (seen.size === 0) return;
    this.#seen = new Map();
    await this.#store.recordUse(seen).catch(() => {
      this.#seen = new Map([...seen, ...this.#seen]);
    });
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.flush();
  }
}
