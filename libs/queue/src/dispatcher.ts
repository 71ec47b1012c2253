import { randomUUID } from 'node:crypto';
import { Queue } from 'bullmq';
import { admissionScripts } from './admission-scripts.js';
import { queueName } from './keys.js';
import type { RecordStore } from './record-store.js';
import type { RedisLink } from './redis.js';
import { within } from './within.js';

export interface DispatcherOptions {
  readonly link: RedisLink;
  readonly records: RecordStore;
  /** Pictures that this process takes at a time, now; left out by a gateway. */
  readonly hands?: () => number;
  readonly onError?: (error: Error) => void;
}

/** Our records say when it is enough: BullMQ must never let go of a job whose record could not be written. */
const jobOptions = { attempts: Number.MAX_SAFE_INTEGER, backoff: 0 } as const;

/** Gateways are few and look every second, also for what has missed its deadline or was left by its worker while it was cancelled; workers are many, and are told by what they finish. */
const intervalMs = { gateway: 1_000, worker: 3_000 } as const;
/** A worker that was not heard of for so long has no hands. */
const handsLifeMs = 10_000;
/** A move to BullMQ that was begun so long ago is begun again: whoever began it is gone. */
const staleMs = 5_000;
const mostAtOnce = 500;

type Scripts = Readonly<Record<keyof typeof admissionScripts, (...args: (string | number)[]) => Promise<unknown>>>;

/**
 * Moves accepted jobs from their lines into BullMQ, next by fair shares, as far as the fleet has hands: counted in pictures, as
 * a job of ten fills a batch as ten jobs do. Every gateway and
 * every worker has one, any of them does all of it: they take by one script, add what they took, which BullMQ does once
 * an id however often it is told, and then strike it off. One that dies in between leaves the ids where the next finds them.
 */
export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #queue: Queue;
  readonly #worker = randomUUID();
  readonly #timer: NodeJS.Timeout;
  #running: Promise<void> | undefined;
  #again = false;
  #closed = false;

  constructor(options: DispatcherOptions) {
    const { link, records } = options;
    this.#options = options;
    for (const [name, script] of Object.entries(admissionScripts)) link.redis.defineCommand(name, script);
    this.#queue = new Queue(queueName, { connection: link.redis, prefix: records.keys.prefix, skipMetasUpdate: true });
    this.#queue.on('error', () => {}); // the link tells
    link.redis.on('ready', this.#tick);
    this.#timer = setInterval(this.#tick, options.hands ? intervalMs.worker : intervalMs.gateway).unref();
    this.#tick();
  }

  /** Something changed: work came, or a hand is free. Never throws; what cannot be done now is done at the next occasion. */
  kick(): void {
    this.#again = true;
    this.#running ??= this.#run().catch((error: Error) => this.#report(error)).finally(() => {
      this.#running = undefined;
      if (this.#again && this.#ready && !this.#closed) this.kick();
    });
  }

  /** Whether BullMQ has the job. */
  async has(id: string): Promise<boolean> {
    return (await this.#queue.getJob(id)) !== undefined;
  }

  /** Takes a waiting job out of BullMQ, if it is there and no worker has it. */
  async remove(id: string): Promise<void> {
    await this.#queue.remove(id);
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    this.#options.link.redis.off('ready', this.#tick);
    const leaving = Promise.all([this.#running, this.#options.hands && this.#ready && this.#reportHands(0)]);
    await within(1_000, leaving);
    await within(1_000, this.#queue.close()); // it waits for a Redis that never answered
  }

  get #ready(): boolean {
    return this.#options.link.ready;
  }

  get #scripts(): Scripts {
    return this.#options.link.redis as unknown as Scripts;
  }

  readonly #tick = (): void => {
    if (!this.#ready || this.#closed) return;
    if (this.#options.hands) this.#reportHands(this.#options.hands()).catch((error: Error) => this.#report(error));
    const { records } = this.#options;
    for (const ending of [records.expireWaiting(), this.#cancelForsaken()]) ending.catch((error: Error) => this.#report(error));
    this.kick();
  };

  async #cancelForsaken(): Promise<void> {
    const ids = await this.#options.records.cancelForsaken();
    await Promise.all(ids.map((id) => this.remove(id)));
  }

  async #run(): Promise<void> {
    while (this.#again && this.#ready && !this.#closed) {
      this.#again = false;
      const ids = await this.#take();
      if (ids.length === 0) continue;
      await this.#queue.addBulk(ids.map((id) => ({ name: 'generate', data: {}, opts: { jobId: id, ...jobOptions } })));
      await this.#options.link.redis.zrem(this.#options.records.keys.moving, ...ids);
      this.#again ||= ids.length >= mostAtOnce;
    }
  }

  async #take(): Promise<string[]> {
    const { waiting, moving, lanes, level, hands, backlog, prefix } = this.#options.records.keys;
    return (await this.#scripts.takeNext(waiting, moving, lanes, level, hands, backlog, prefix, staleMs, mostAtOnce)) as string[];
  }

  async #reportHands(count: number): Promise<void> {
    const { hands, workers } = this.#options.records.keys;
    await this.#scripts.reportHands(hands, workers, this.#worker, count, handsLifeMs);
  }

  #report(error: Error): void {
    if (this.#ready && !this.#closed) this.#options.onError?.(error);
  }
}
