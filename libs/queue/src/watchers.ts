import type { Redis } from 'ioredis';
import { isSettled, type GenerationRecord } from '@slipstream/contracts';
import type { RecordStore, ShownPreview } from './record-store.js';

/** What is known of a generation at one moment. */
export interface Snapshot {
  readonly record: GenerationRecord;
  /** The latest of each picture; none where the request wanted none, or their time is up. */
  readonly previews: readonly ShownPreview[];
}

/** A generation that somebody watches. */
interface Watched {
  watchers: number;
  version: number;
  /** Of this version, read once for all. */
  snapshot: Promise<Snapshot | undefined> | undefined;
  changed: Promise<void>;
  change(): void;
}

/**
 * Follows generations for any number of watchers: one connection for all, one channel and one read a change for each
 * generation. A change that was published while the connection was away is looked up once it is back.
 */
export class Watchers {
  readonly #subscriber: Redis;
  readonly #records: RecordStore;
  readonly #watched = new Map<string, Watched>();

  /** `subscriber` only hears messages; `commands` is the one that `records` uses. */
  constructor({ subscriber, commands, records }: { subscriber: Redis; commands: Redis; records: RecordStore }) {
    this.#subscriber = subscriber;
    this.#records = records;
    subscriber.on('message', (_channel, id) => this.#changed(id));
    for (const redis of [subscriber, commands]) redis.on('ready', () => [...this.#watched.keys()].forEach((id) => this.#changed(id)));
  }

  /** The state now and after each change, the last one settled; ends at once for an unknown id. Throws the signal's reason. */
  async *watch(id: string, signal: AbortSignal): AsyncGenerator<Snapshot> {
    const aborted = rejection(signal);
    const watched = this.#enter(id);
    try {
      for (let seen = -1; ; ) {
        while (watched.version === seen) await Promise.race([watched.changed, aborted]);
        seen = watched.version;
        const snapshot = await Promise.race([(watched.snapshot ??= this.#read(id)), aborted]);
        if (snapshot) yield snapshot;
        if (!snapshot || isSettled(snapshot.record.status)) return;
      }
    } finally {
      this.#leave(id, watched);
    }
  }

  #enter(id: string): Watched {
    let watched = this.#watched.get(id);
    if (!watched) {
      watched = { watchers: 0, version: 0, snapshot: undefined, ...nextChange() };
      this.#watched.set(id, watched);
      // What changed before it was heard of is in what is read then.
      this.#subscriber.subscribe(this.#records.keys.progress(id)).then(() => this.#changed(id), () => {});
    }
    watched.watchers += 1;
    return watched;
  }

  #leave(id: string, watched: Watched): void {
    watched.watchers -= 1;
    if (watched.watchers > 0) return;
    this.#watched.delete(id);
    this.#subscriber.unsubscribe(this.#records.keys.progress(id)).catch(() => {});
  }

  #changed(id: string): void {
    const watched = this.#watched.get(id);
    if (!watched) return;
    watched.version += 1;
    watched.snapshot = undefined;
    const { change } = watched;
    Object.assign(watched, nextChange());
    change();
  }

  async #read(id: string): Promise<Snapshot | undefined> {
    const record = await this.#records.read(id);
    return record && { record, previews: record.settings.previews ? await this.#records.previews(id) : [] };
  }
}

function nextChange(): Pick<Watched, 'changed' | 'change'> {
  let change = (): void => {};
  return { changed: new Promise((resolve) => (change = resolve)), change: () => change() };
}

function rejection(signal: AbortSignal): Promise<never> {
  const promise = new Promise<never>((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason as Error);
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
  promise.catch(() => {}); // whoever waits hears of it
  return promise;
}
