import { Worker, type Job } from 'bullmq';
import type { Redis } from 'ioredis';
import type { ConsumerOptions } from './consumer-options.js';
import { Dispatcher } from './dispatcher.js';
import { FetchWatchdog } from './fetch-watchdog.js';
import { queueName } from './keys.js';
import { LockKeeper } from './lock-keeper.js';
import { Processor } from './processor.js';
import { RecordStore, type StepCosts } from './record-store.js';
import { openSubscriber, RedisLink } from './redis.js';
import { within } from './within.js';

/** The worker's side of the queue: an ordinary BullMQ processor with records, cancellation, take-over and handing back. */
export class GenerationConsumer {
  readonly #link: RedisLink;
  readonly #subscriber: Redis;
  readonly #records: RecordStore;
  readonly #worker: Worker;
  readonly #dispatcher: Dispatcher;
  readonly #watchdog: FetchWatchdog;
  readonly #locks: LockKeeper;
  readonly #processor: Processor;

  /** Starts to take jobs as soon as Redis answers, however long that takes. */
  constructor(options: ConsumerOptions) {
    const { redisUrl, prefix, recordTtlSeconds, lockDurationMs = 10_000, stuckAfterMs = 30_000 } = options;
    this.#link = new RedisLink(redisUrl, { role: 'consumer', onError: options.onError, onRecovered: options.onRecovered });
    this.#subscriber = openSubscriber(redisUrl);
    this.#records = new RecordStore(this.#link.redis, { prefix, ttlSeconds: recordTtlSeconds });
    this.#processor = new Processor(options, { records: this.#records, unavailable: (error) => this.#link.unavailable(error) });
    this.#worker = new Worker(queueName, (job, token) => this.#process(job, token!), {
      connection: this.#link.redis,
      prefix,
      concurrency: options.concurrency,
      lockDuration: lockDurationMs,
      skipLockRenewal: true,
      // Checks of one worker keep the next one's off, so a loss is seen up to two intervals late.
      stalledInterval: lockDurationMs / 5,
      maxStalledCount: Number.MAX_SAFE_INTEGER, // our records count, and know better whose fault it was
      runRetryDelay: 1_000,
      // BullMQ keeps nothing of what ended: our records do.
      removeOnComplete: { count: 0 },
      removeOnFail: { count: 0 },
    });
    this.#locks = new LockKeeper({
      everyMs: lockDurationMs / 4,
      renew: (held) => this.#worker.extendJobLocks(held.map(({ id }) => id), held.map(({ token }) => token), lockDurationMs),
      onLost: (id) => this.#processor.stop(id, 'lost'),
    });
    this.#dispatcher = new Dispatcher({ link: this.#link, records: this.#records, hands: () => (this.#processor.leaving ? this.#processor.pictures : options.concurrency) });
    this.#watchdog = new FetchWatchdog({
      stuckAfterMs,
      // Jobs that wait for company or for another try are in hand as well.
      hasFreeHands: () => this.#processor.inHand < options.concurrency && !this.#processor.leaving,
      hasWaiting: async () => this.#link.ready && (await this.#link.redis.llen(this.#records.keys.wait)) > 0,
    });
    this.#listen(options);
  }

  /** Jobs wait although hands are free, for `stuckAfterMs` by now; only a restart helps (bullmq #2964). */
  get stuck(): boolean {
    return this.#watchdog.stuck;
  }

  /** Jobs in work. */
  get activeJobs(): number {
    return this.#processor.active;
  }

  /** Resolves when Redis answers now. For readiness probes. */
  async check(): Promise<void> {
    await this.#link.ask(() => this.#link.redis.ping());
  }

  /** Publishes what a step costs here, for `backlog()`. */
  async reportCosts(costs: StepCosts): Promise<void> {
    if (this.#link.ready) await this.#records.reportCosts(costs);
  }

  /**
   * Takes no more jobs, lets those in work come to their next checkpoint and hands them back with it, or without one at
   * the deadline; neither costs an attempt. Then closes. Once Redis is away it leaves: the locks run out and another
   * worker takes over.
   */
  async close({ deadlineMs }: { deadlineMs: number }): Promise<void> {
    this.#watchdog.close();
    this.#processor.takeNoMore();
    await this.#worker.pause(true);
    this.#processor.leave();
    await within(deadlineMs, this.#processor.idle());
    this.#processor.handBack();
    await within(3_000, this.#processor.idle());
    this.#locks.close();
    await this.#dispatcher.close();
    await within(2_000, this.#worker.close());
    this.#subscriber.disconnect();
    this.#link.redis.disconnect();
  }

  #listen({ onError }: ConsumerOptions): void {
    this.#subscriber.on('error', () => {}); // the link tells
    const report = (error: Error): void => {
      if (this.#link.ready) onError?.(this.#link.unavailable(error));
    };
    this.#worker.on('error', report);
    for (const left of ['completed', 'failed'] as const) this.#worker.on(left, () => this.#dispatcher.kick());
    this.#subscriber.on('message', (_channel, id) => this.#processor.stop(id, 'cancelled'));
    this.#subscriber.subscribe(this.#records.keys.cancelled).catch(() => {}); // sent again after every reconnect
  }

  /** Two parameters on purpose: the signal that a job gets is ours. */
  async #process(bullJob: Job, token: string): Promise<void> {
    this.#watchdog.fetched();
    const release = this.#locks.hold(bullJob.id!, token);
    await this.#processor.process(bullJob, token).finally(release);
  }
}
