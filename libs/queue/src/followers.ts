import type { Redis } from 'ioredis';
import { isSettled } from '@slipstream/contracts';
import type { RecordStore } from './record-store.js';

/**
 * Waits for generations to settle: one subscription for all of them, no polling. What was published while the
 * connection was away is looked up once it is back.
 */
export class Followers {
  readonly #records: RecordStore;
  readonly #waiters = new Map<string, Set<() => void>>();

  /** `subscriber`: a connection of its own, as a subscribed one can do nothing else; `commands`: the one that `records` uses. */
  constructor({ subscriber, commands, records }: { subscriber: Redis; commands: Redis; records: RecordStore }) {
    this.#records = records;
    subscriber.on('message', (channel, id) => channel === records.keys.settled && this.#settled(id));
    for (const redis of [subscriber, commands]) redis.on('ready', () => void this.#catchUp());
    subscriber.subscribe(records.keys.settled).catch(() => {}); // sent again by the client after every reconnect
  }

  /** Resolves once the generation has settled or is unknown; rejects with the signal's reason when it aborts first. */
  async settled(id: string, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    await new Promise<void>((resolve, reject) => {
      const leave = (): void => {
        signal?.removeEventListener('abort', abort);
        this.#remove(id, arrive);
      };
      const arrive = (): void => (leave(), resolve());
      const abort = (): void => (leave(), reject(signal?.reason));
      signal?.addEventListener('abort', abort, { once: true });
      this.#add(id, arrive);
      this.#look(id).catch((error: unknown) => (leave(), reject(error)));
    });
  }

  #add(id: string, arrive: () => void): void {
    const waiting = this.#waiters.get(id) ?? new Set();
    this.#waiters.set(id, waiting.add(arrive));
  }

  #remove(id: string, arrive: () => void): void {
    const waiting = this.#waiters.get(id);
    if (waiting?.delete(arrive) && waiting.size === 0) this.#waiters.delete(id);
  }

  #settled(id: string): void {
    for (const arrive of [...(this.#waiters.get(id) ?? [])]) arrive();
  }

  async #look(id: string): Promise<void> {
    const status = await this.#records.status(id);
    if (status === undefined || isSettled(status)) this.#settled(id);
  }

  /** Errors are left to the next `ready`: the connection has gone again. */
  async #catchUp(): Promise<void> {
    await Promise.all([...this.#waiters.keys()].map((id) => this.#look(id).catch(() => {})));
  }
}
