import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { UnrecoverableError, WaitingError, Worker, type Job } from 'bullmq';
import type { Redis } from 'ioredis';
import { SlipstreamError, type GenerationJob } from '@slipstream/contracts';
import { ActiveJob, Stop } from './active-job.js';
import { Company } from './company.js';
import type { ConsumerOptions, JobContext, JobReport } from './consumer-options.js';
import { Dispatcher } from './dispatcher.js';
import { FetchWatchdog } from './fetch-watchdog.js';
import { queueName } from './keys.js';
import { LockKeeper } from './lock-keeper.js';
import { RecordStore, type Claim, type Claimant, type Settlement, type StepCosts } from './record-store.js';
import { openSubscriber, RedisLink } from './redis.js';
import { within } from './within.js';

/** The worker's side of the queue: an ordinary BullMQ processor with records, cancellation, take-over and handing back. */
export class GenerationConsumer {
  readonly #options: ConsumerOptions;
  readonly #link: RedisLink;
  readonly #subscriber: Redis;
  readonly #records: RecordStore;
  readonly #worker: Worker;
  readonly #dispatcher: Dispatcher;
  readonly #watchdog: FetchWatchdog;
  readonly #locks: LockKeeper;
  readonly #active = new Map<string, ActiveJob>();
  readonly #company = new Company();
  readonly #running = new Set<Promise<void>>();
  readonly #left = openDoor();
  #closing = false;

  /** Starts to take jobs as soon as Redis answers, however long that takes. */
  constructor(options: ConsumerOptions) {
    const { redisUrl, prefix, recordTtlSeconds, lockDurationMs = 10_000, stuckAfterMs = 30_000 } = options;
    this.#options = options;
    this.#link = new RedisLink(redisUrl, { role: 'consumer', onError: options.onError, onRecovered: options.onRecovered });
    this.#subscriber = openSubscriber(redisUrl);
    this.#records = new RecordStore(this.#link.redis, { prefix, ttlSeconds: recordTtlSeconds });
    this.#worker = new Worker(queueName, (job, token) => this.#track(this.#process(job, token)), {
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
      onLost: (id) => this.#active.get(id)?.stop('lost'),
    });
    this.#dispatcher = new Dispatcher({ link: this.#link, records: this.#records, hands: () => (this.#closing ? this.#activePictures() : options.concurrency) });
    this.#watchdog = new FetchWatchdog({
      stuckAfterMs,
      // Jobs that wait for company or for another try are in hand as well.
      hasFreeHands: () => this.#running.size < options.concurrency && !this.#closing,
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
   * Takes no more jobs, lets those in work come to their next checkpoint and hands them back with it, or without one at
   * the deadline; neither costs an attempt. Then closes. Once Redis is away it leaves: the locks run out and another
   * worker takes over.
   */
  async close({ deadlineMs }: { deadlineMs: number }): Promise<void> {
    this.#closing = true;
    this.#left.open();
    this.#watchdog.close();
    await this.#worker.pause(true);
    for (const job of this.#active.values()) job.leave();
    await within(deadlineMs, this.#idle());
    for (const job of this.#active.values()) job.stop('handed_back');
    await within(3_000, this.#idle());
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
    this.#subscriber.on('message', (_channel, id) => this.#active.get(id)?.stop('cancelled'));
    this.#subscriber.subscribe(this.#records.keys.cancelled).catch(() => {}); // sent again after every reconnect
  }

  /** Two parameters on purpose: the signal that a job gets is ours. */
  async #process(bullJob: Job, token: string | undefined): Promise<void> {
    const [id, held] = [bullJob.id!, { bullJob, token: token! }];
    this.#watchdog.fetched();
    const release = this.#locks.hold(id, held.token);
    await this.#inCompany(held).finally(release);
  }

  async #inCompany(held: Pick<Held, 'bullJob' | 'token'>): Promise<void> {
    const id = held.bullJob.id!;
    const alone = await this.#records.isSuspect(id);
    const leave = await this.#company.enter({ alone });
    let again: Again | undefined;
    try {
      if (this.#closing) await this.#giveBack(held);
      const claimant = { owner: randomUUID(), token: held.token, bundle: this.#options.bundle };
      await this.#begin(await this.#records.claim(id, claimant), { ...held, ...claimant, leaveCompany: () => void this.#leaveCompany({ id, owner: claimant.owner, alone }, leave) });
    } catch (error) {
      if (error instanceof WaitingError || error instanceof UnrecoverableError) throw error;
      again = error instanceof Again ? error : this.#stumbled(error);
    } finally {
      leave();
    }
    if (!again) return;
    await Promise.race([this.#left.promise, sleep(again.afterMs, undefined, { ref: false })]);
    await this.#giveBack(held);
  }

  /** Before others come in, who may be what workers die of: their deaths are not this job's. */
  async #leaveCompany({ id, owner, alone }: { id: string; owner: string; alone: boolean }, leave: () => void): Promise<void> {
    if (alone && (await this.#records.absolve(id, owner).then(() => true, () => false))) leave();
  }

  /** Redis refused to write a record: the job is not let go, and not tried again at once. */
  #stumbled(error: unknown): Again {
    this.#options.onError?.(this.#link.unavailable(error));
    return new Again(1_000);
  }

  async #begin(claim: Claim, held: Held): Promise<void> {
    switch (claim.verdict) {
      case 'settled':
      case 'missing':
        return;
      case 'taken':
        throw new WaitingError();
      case 'cancel':
      case 'expired':
        return this.#end(claim.job, { status: claim.verdict === 'cancel' ? 'cancelled' : 'expired' });
      case 'given_up':
        return this.#end(claim.job, { status: 'failed', error: givenUp().toReport() }, givenUp());
      case 'run':
        return this.#work(claim, held);
    }
  }

  /** The end of a job that was not begun. */
  async #end(job: GenerationJob, settlement: Settlement, error?: SlipstreamError): Promise<void> {
    const settled = await this.#records.settle(job, settlement);
    this.#report(job, { outcome: settled ? settlement.status : 'lost', queuedSeconds: secondsSince(job), ...(error && { error }) });
  }

  async #work({ job, checkpoints, repeated, losses }: Extract<Claim, { verdict: 'run' }>, held: Held): Promise<void> {
    const { owner, bundle } = held;
    const active = new ActiveJob({ job, checkpoints, write: (standing) => this.#records.progress(job.id, { owner, bundle, ...standing }) });
    this.#active.set(job.id, active);
    if (this.#closing) active.leave();
    if (losses > 0 || checkpoints.length > 0) this.#options.onTakeOver?.({ job, repeated, losses });
    try {
      await this.#run(active, held);
    } finally {
      if (this.#active.get(job.id) === active) this.#active.delete(job.id);
    }
  }

  async #run(active: ActiveJob, held: Held): Promise<void> {
    const { job, queuedSeconds, signal, leaving, checkpoints } = active;
    const { leaveCompany } = held;
    try {
      signal.throwIfAborted();
      const progress: JobContext['progress'] = (index, at) => active.progress(index, at);
      const preview: JobContext['preview'] = (index, at) => this.#records.preview(job.id, { owner: held.owner, index, ...at }).catch(() => {});
      const result = await this.#options.process(job, { signal, leaving, queuedSeconds, checkpoints: [...checkpoints], leaveCompany, progress, preview });
      const settled = await this.#records.settle(job, { status: 'completed', ...result });
      this.#report(job, { outcome: settled ? 'completed' : 'lost', queuedSeconds });
    } catch (error) {
      await this.#leave(active, held, error);
    }
  }

  /** The one place where a failure is translated for the queue. */
  async #leave(active: ActiveJob, held: Held, thrown: unknown): Promise<void> {
    const { job, queuedSeconds, signal } = active;
    const reason: unknown = signal.aborted ? signal.reason : thrown;
    if (!(reason instanceof Stop)) return this.#fail(active, held, SlipstreamError.from(thrown));
    switch (reason.why) {
      case 'cancelled':
        await this.#records.settle(job, { status: 'cancelled' });
        return this.#report(job, { outcome: 'cancelled', queuedSeconds });
      case 'handed_back':
        await active.saved();
        await this.#records.release(job.id, held.owner);
        this.#report(job, { outcome: 'handed_back', queuedSeconds });
        return this.#giveBack(held);
      case 'lost':
        await this.#records.release(job.id, held.owner);
        this.#report(job, { outcome: 'lost', queuedSeconds });
        throw new WaitingError(); // nothing of it is ours any more
    }
  }

  async #fail({ job, queuedSeconds }: ActiveJob, held: Held, error: SlipstreamError): Promise<void> {
    if (error.code === 'worker_lost') {
      // Left as it is: whoever claims it next counts a loss, as if this process had been killed.
      this.#report(job, { outcome: 'lost', queuedSeconds, error });
      return this.#giveBack(held);
    }
    const failures = error.retryable ? await this.#records.fail(job.id, held.owner) : 'final';
    const outcome = typeof failures === 'number' ? 'retried' : failures === 'lost' ? 'lost' : 'failed';
    if (outcome === 'failed') await this.#records.settle(job, { status: 'failed', error: error.toReport() }, held);
    this.#report(job, { outcome, queuedSeconds, error });
    if (typeof failures === 'number') throw new Again(1_000 * 2 ** (failures - 1));
    throw outcome === 'lost' ? new WaitingError() : new UnrecoverableError(error.message);
  }

  /** To the head of the queue, where the next free hand takes it. */
  async #giveBack({ bullJob, token }: Pick<Held, 'bullJob' | 'token'>): Promise<never> {
    await bullJob.moveToWait(token);
    throw new WaitingError();
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

/** A job of the queue, held by its lock and in our records. */
type Held = Claimant & Pick<JobContext, 'leaveCompany'> & { readonly bullJob: Job };

const givenUp = (): SlipstreamError =>
  new SlipstreamError('worker_lost', 'every worker that took this generation stopped before its end, the last while it did nothing else', {
    remedy: 'look into the logs of the workers; an operator can try it again',
  });

/**
 * To be tried again here or elsewhere. The job is kept in hand meanwhile, not among BullMQ's delayed ones: those wait for a
 * time on the wall clock of whoever put them there.
 */
class Again extends Error {
  constructor(readonly afterMs: number) {
    super('tried in vain');
  }
}

function openDoor(): { readonly promise: Promise<void>; open(): void } {
  let open = (): void => {};
  const promise = new Promise<void>((resolve) => (open = resolve));
  return { promise, open: () => open() };
}

const secondsSince = ({ createdAtMs }: GenerationJob): number => Math.max(0, Date.now() - createdAtMs) / 1000;
