import type { Redis } from 'ioredis';
import type { GenerationJob } from '@slipstream/contracts';
import { admissionScripts } from '../admission-scripts.js';
import { Door, type Admission, type Terms } from '../door.js';
import { queueKeys, type QueueKeys } from '../keys.js';
import { RecordStore } from '../record-store.js';

const ttlSeconds = 60;

/** The scripts one by one, with no process that acts of itself: to hold them to libs/admission. */
export class ScriptedLines {
  readonly keys: QueueKeys;
  readonly #redis: Redis;
  readonly #door: Door;
  readonly #records: RecordStore;

  constructor(redis: Redis, prefix: string) {
    redis.defineCommand('takeNext', admissionScripts.takeNext);
    this.keys = queueKeys(prefix);
    this.#redis = redis;
    this.#door = new Door(redis, { prefix, ttlSeconds });
    this.#records = new RecordStore(redis, { prefix, ttlSeconds });
  }

  async admit(job: GenerationJob, terms: Terms = {}): Promise<Admission> {
    const [admission] = await this.#door.admit([{ job, terms }]);
    if (admission instanceof Error) throw admission;
    return admission!;
  }

  /** Whether the job was still waiting. */
  async cancel(id: string): Promise<boolean> {
    return (await this.#records.cancel(id)) === 'queued';
  }

  /** Begins the move of at most so many, and leaves it begun; moves older than `staleMs` are begun again. */
  async take(most: number, { staleMs = 60_000 } = {}): Promise<string[]> {
    const { waiting, moving, lanes, level, hands, backlog, prefix } = this.keys;
    const scripts = this.#redis as unknown as { takeNext(...args: (string | number)[]): Promise<string[]> };
    return scripts.takeNext(waiting, moving, lanes, level, hands, backlog, prefix, staleMs, most);
  }
}
