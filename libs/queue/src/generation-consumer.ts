import { UnrecoverableError, WaitingError, Worker, type Job } from 'bullmq';
import type { Redis } from 'ioredis';
import { SlipstreamError, type GenerationJob } from '@slipstream/contracts';
import { ActiveJob, type Stop } from './active-job.js';
import { Dispatcher } from './dispatcher.js';
import { FetchWatchdog } from './fetch-watchdog.js';
import { queueName } from './keys.js';
import { RecordStore, type Settlement, type StepCosts } from './record-store.js';
import { openRedis, RedisLink, type OutageListener } from './redis.js';
import { within } from './within.js';

/** What a completed generation leaves behind. */
export type GenerationResult = Omit<Extract<Settlement, { status: 'completed' }>, 'status'>;

export interface JobContext {
  /** Aborts when the generation is cancelled, handed back, or taken over by another worker: stop at the next step. */
  readonly signal: AbortSignal;
  /** Seconds from the making of the job to this claim. */
  readonly queuedSeconds: number;
  /** Tells how far it is; call it at every step, it writes a few times a second at most. */
  progress(step: number): void;
}

/** One claimed job that left this worker; `handed_back` jobs run again elsewhere, `retried` ones may run here. */
export interface JobReport {
  readonly job: GenerationJob;
  readonly outcome: Settlement['status'] | 'handed_back' | 'retried' | 'lost';
  readonly queuedSeconds: number;
  /** From the making of the job to now. */
  readonly totalSeconds: number;
  readonly error?: SlipstreamError;
}

export interface ConsumerOptions extends OutageListener {
  readonly redisUrl: string;
  readonly prefix: string;
  readonly recordTtlSeconds: number;
  /** Jobs in work at a time, and the pictures that the fleet's dispatchers aim to have here; at least the engine's capacity, so that its rows fill up. */
  readonly concurrency: number;
  /** Makes the pictures. Idempotent: it runs again after a crash. What it throws is translated by its `retryable`. */
  process(job: GenerationJob, context: JobContext): Promise<GenerationResult>;
  onReport?: (report: JobReport) => void;
  onError?: (error: SlipstreamError) => void;
  /** A worker that is silent for so long has lost its jobs, default 10 s; they start again elsewhere within 1.5 times that. */
  readonly lockDurationMs?: number;
  /** How long jobs may wait beside free hands before `health()` says `stuck`, default 30 s. */
  readonly stuckAfterMs?: number;
}

/** The worker's side of the queue: an ordinary BullMQ processor with records, cancellation, take-over and handing back. */
export class GenerationConsumer {
  readonly #options: ConsumerOptions;
  readonly #link: RedisLink;
  readonly #subscriber: Redis;
  readonly #records: RecordStore;
  readonly #worker: Worker;
  readonly #dispatcher: Dispatcher;
  readonly #watchdog: FetchWatchdog;
  readonly #active = new Map<string, ActiveJob>();
  readonly #running = new Set<Promise<void>>();
  #closing = false;

  /** Starts to take jobs as soon as Redis answers, however long that takes. */
  constructor(options: ConsumerOptions) {
    const { redisUrl, prefix, recordTtlSeconds, lockDurationMs = 10_000, stuckAfterMs = 30_000 } = options;
    this.#options = options;
    this.#link = new RedisLink(redisUrl, { role: 'consumer', onError: options.onError, onRecovered: options.onRecovered });
    this.#subscriber = openRedis(redisUrl, 'consumer');
    this.#records = new RecordStore(this.#link.redis, { prefix, ttlSeconds: recordTtlSeconds });
    this.#worker = new Worker(queueName, (job, token) => this.#track(this.#process(job, token)), {
      connection: this.#link.redis,
      prefix,
      concurrency: options.concurrency,
      lockDuration: lockDurationMs,
      stalledInterval: lockDurationMs / 2,
      maxStalledCount: 2,
      runRetryDelay: 1_000,
      // BullMQ keeps nothing of what ended: our records do.
      removeOnComplete: { count: 0 },
      removeOnFail: { count: 0 },
    });
    this.#dispatcher = new Dispatcher({ link: this.#link, records: this.#records, hands: () => (this.#closing ? this.#activePictures() : options.concurrency) });
    this.#watchdog = new FetchWatchdog({
      stuckAfterMs,
      hasFreeHands: () => this.#activePictures() < options.concurrency && !this.#closing,
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
    return this.#active.size;
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
   * Takes no more jobs, waits for those in work, hands back what is not done by the deadline without costing it an
   * attempt, and closes. Once Redis is away it leaves: the locks run out and another worker takes over.
   */
  async close({ deadlineMs }: { deadlineMs: number }): Promise<void> {
    this.#closing = true;
    this.#watchdog.close();
    await this.#worker.pause(true);
    await within(deadlineMs, this.#idle());
    for (const job of this.#active.values()) job.stop('handed_back');
    await within(3_000, this.#idle());
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
    this.#worker.on('lockRenewalFailed', (ids: string[]) => ids.forEach((id) => this.#active.get(id)?.stop('lost')));
    this.#worker.on('failed', (job) => void this.#settleStalled(job).catch(report));
    this.#subscriber.on('message', (_channel, id) => this.#active.get(id)?.stop('cancelled'));
    this.#subscriber.subscribe(this.#records.keys.cancelled).catch(() => {}); // sent again after every reconnect
  }

  /** Two parameters on purpose: the signal that a job gets is ours. */
  async #process(bullJob: Job, token: string | undefined): Promise<void> {
    const id = bullJob.id!;
    this.#watchdog.fetched();
    const claim = await this.#records.claim(id);
    if (claim.verdict === 'settled' || claim.verdict === 'missing') return;
    if (claim.verdict !== 'run') {
      const status = claim.verdict === 'cancel' ? 'cancelled' : 'expired';
      await this.#records.settle(claim.job, { status });
      return this.#report(claim.job, { outcome: status, queuedSeconds: secondsSince(claim.job) });
    }
    const active = new ActiveJob({ job: claim.job, writeStep: (step) => this.#records.progress(id, step) });
    this.#active.set(id, active);
    if (this.#closing) active.stop('handed_back');
    try {
      await this.#run(active, bullJob, token);
    } finally {
      this.#active.delete(id);
      }
  }

  async #run(active: ActiveJob, bullJob: Job, token: string | undefined): Promise<void> {
    const { job, queuedSeconds, signal } = active;
    try {
      signal.throwIfAborted();
      const result = await this.#options.process(job, { signal, queuedSeconds, progress: (step) => active.progress(step) });
      const settled = await this.#records.settle(job, { status: 'completed', ...result });
      this.#report(job, { outcome: settled ? 'completed' : 'lost', queuedSeconds });
    } catch (error) {
      await this.#leave(active, { bullJob, token, error });
    }
  }

  /** The one place where a failure is translated for the queue. */
  async #leave(active: ActiveJob, { bullJob, token, error }: { bullJob: Job; token: string | undefined; error: unknown }): Promise<void> {
    const { job, queuedSeconds } = active;
    const stop = active.signal.aborted ? (active.signal.reason as Stop).why : undefined;
    switch (stop) {
      case 'cancelled':
        await this.#records.settle(job, { status: 'cancelled' });
        return this.#report(job, { outcome: 'cancelled', queuedSeconds });
      case 'handed_back':
        await this.#records.release(job.id);
        await bullJob.moveToWait(token!);
        this.#report(job, { outcome: 'handed_back', queuedSeconds });
        throw new WaitingError();
      case 'lost':
        this.#report(job, { outcome: 'lost', queuedSeconds });
        throw new UnrecoverableError('the job runs on another worker');
      case undefined:
        return this.#fail(active, { bullJob, error: SlipstreamError.from(error) });
    }
  }

  async #fail({ job, queuedSeconds }: ActiveJob, { bullJob, error }: { bullJob: Job; error: SlipstreamError }): Promise<never> {
    const again = error.retryable && bullJob.attemptsMade + 1 < (bullJob.opts.attempts ?? 1);
    if (again) await this.#records.release(job.id);
    else await this.#records.settle(job, { status: 'failed', error: error.toReport() });
    this.#report(job, { outcome: again ? 'retried' : 'failed', queuedSeconds, error });
    throw again ? new Error(error.message, { cause: error }) : new UnrecoverableError(error.message);
  }

  /** BullMQ gives a job up, unseen by any processor, when one worker after the other died over it. */
  async #settleStalled(bullJob: Job | undefined): Promise<void> {
    if (bullJob?.id === undefined || !/stalled/.test(bullJob.failedReason ?? '')) return;
    const record = await this.#records.read(bullJob.id);
    const error = new SlipstreamError('worker_lost', 'every worker that took this generation stopped before its end', {
      remedy: 'send it again; should it happen again, look into the logs of the workers',
    });
    if (record) await this.#records.settle(record, { status: 'failed', error: error.toReport() });
  }

  #report(job: GenerationJob, report: Omit<JobReport, 'job' | 'totalSeconds'>): void {
    this.#options.onReport?.({ job, totalSeconds: secondsSince(job), ...report });
  }

  #track(work: Promise<void>): Promise<void> {
    const running = work.finally(() => this.#running.delete(running));
    this.#running.add(running);
    return running;
  }

  #activePictures(): number {
    return [...this.#active.values()].reduce((sum, { job }) => sum + job.settings.n, 0);
  }

  async #idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
  }
}

const secondsSince = ({ createdAtMs }: GenerationJob): number => Math.max(0, Date.now() - createdAtMs) / 1000;
