import { DelayedError, Queue, UnrecoverableError, Worker, type Job } from 'bullmq';
import { isDatasetEnd, SlipstreamError, type DatasetRecord } from '@slipstream/contracts';
import { queueKeys } from '../keys.js';
import { LockKeeper } from '../lock-keeper.js';
import { RedisLink, type OutageListener } from '../redis.js';
import { within } from '../within.js';
import { datasetQueue, finishJob, shardJob } from './dataset-jobs.js';
import { DatasetStore, type ShardDone } from './dataset-store.js';

export interface DatasetConsumerOptions extends OutageListener {
  readonly redisUrl: string;
  readonly prefix: string;
  /** Shards in work at a time; two, so that the next is begun while one ends. */
  readonly concurrency: number;
  /** Makes and writes a shard, or finds it there. Idempotent: it runs again after a crash. Aborted when the data set is cancelled or the worker leaves. */
  makeShard(dataset: DatasetRecord, shard: number, signal: AbortSignal): Promise<ShardDone>;
  /** Manifest and card. Idempotent. */
  finish(dataset: DatasetRecord, signal: AbortSignal): Promise<void>;
  readonly onError?: (error: SlipstreamError) => void;
  /** A worker that is silent for so long has lost its shards, default 10 s; another makes them anew. */
  readonly lockDurationMs?: number;
}

/** Workers that may be lost over one shard before it counts as what they die of. */
const mostLosses = 4;
const statusIntervalMs = 1_000;
const addedAtOnce = 1_000;

/** The worker's side of data sets: shards as BullMQ jobs, each counted once, the last followed by the finishing. */
export class DatasetConsumer {
  readonly #options: DatasetConsumerOptions;
  readonly #link: RedisLink;
  readonly #store: DatasetStore;
  readonly #jobs: Queue;
  readonly #worker: Worker;
  readonly #locks: LockKeeper;
  readonly #held = new Map<string, { readonly stop: AbortController; readonly dataset: string; readonly name: string }>();
  readonly #timer: NodeJS.Timeout;
  readonly #leaving = new AbortController();

  /** Starts to take jobs as soon as Redis answers, however long that takes. */
  constructor(options: DatasetConsumerOptions) {
    const { redisUrl, prefix, lockDurationMs = 10_000 } = options;
    this.#options = options;
    this.#link = new RedisLink(redisUrl, { role: 'consumer', onError: options.onError, onRecovered: options.onRecovered });
    const connection = this.#link.redis;
    this.#store = new DatasetStore(connection, queueKeys(prefix));
    this.#jobs = new Queue(datasetQueue, { connection, prefix, skipMetasUpdate: true });
    this.#worker = new Worker(datasetQueue, (job, token) => this.#process(job, token!), {
      connection,
      prefix,
      concurrency: options.concurrency,
      lockDuration: lockDurationMs,
      skipLockRenewal: true, // the keeper does, by a clock that never goes back
      stalledInterval: lockDurationMs / 5,
      maxStalledCount: Number.MAX_SAFE_INTEGER, // counted here
      runRetryDelay: 1_000,
    });
    this.#jobs.on('error', () => {}); // the link tells
    this.#worker.on('error', (error) => this.#report(error));
    this.#locks = new LockKeeper({
      everyMs: lockDurationMs / 4,
      renew: (held) => this.#worker.extendJobLocks(held.map(({ id }) => id), held.map(({ token }) => token), lockDurationMs),
      onLost: (id) => this.#held.get(id)?.stop.abort(new SlipstreamError('worker_lost', 'another worker has this shard by now')),
    });
    this.#timer = setInterval(() => void this.#stopEnded().catch(() => {}), statusIntervalMs).unref();
  }

  /** Takes nothing more and hands back at once what is in work: a shard that is not written has to be made anew anyway. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#leaving.abort(new SlipstreamError('worker_lost', 'this worker leaves'));
    await within(3_000, this.#worker.close());
    this.#locks.close();
    await within(1_000, this.#jobs.close());
    this.#link.redis.disconnect();
  }

  async #process(job: Job<{ id: string; shard?: number }>, token: string): Promise<void> {
    const stop = new AbortController();
    const release = this.#locks.hold(job.id!, token);
    this.#held.set(job.id!, { stop, dataset: job.data.id, name: job.name });
    try {
      await this.#work(job, AbortSignal.any([stop.signal, this.#leaving.signal]));
    } catch (error) {
      await this.#failed(job, token, { error, stop });
    } finally {
      release();
      this.#held.delete(job.id!);
    }
  }

  async #work(job: Job<{ id: string; shard?: number }>, signal: AbortSignal): Promise<void> {
    const dataset = await this.#store.read(job.data.id);
    if (!dataset && job.name !== 'begin') return; // deleted since
    if (!dataset) throw new SlipstreamError('dataset_not_found', `data set ${job.data.id} is not there yet`);
    const { status, id, plan } = dataset;
    if (isDatasetEnd(status)) return;
    if (job.stalledCounter > mostLosses) throw new SlipstreamError('dataset_invalid', `${job.stalledCounter} workers were lost over ${job.name} ${job.data.shard ?? ''}`);
    switch (job.name) {
      case 'begin':
        for (let from = 0; from < plan.shards; from += addedAtOnce) await this.#jobs.addBulk(Array.from({ length: Math.min(addedAtOnce, plan.shards - from) }, (_, i) => shardJob(id, from + i)));
        return;
      case 'shard':
        return this.#shard(dataset, job.data.shard!, signal);
      default:
        await this.#options.finish(dataset, signal);
        await this.#store.end(id, 'completed');
    }
  }

  async #shard(dataset: DatasetRecord, shard: number, signal: AbortSignal): Promise<void> {
    const done = await this.#options.makeShard(dataset, shard, signal);
    if ((await this.#store.finishShard(dataset, shard, done)) !== 'finalizing') return;
    const { name, data, opts } = finishJob(dataset.id);
    await this.#jobs.add(name, data, opts);
  }

  /** Left: back into the queue, without a loss. Ended meanwhile: over. Not retryable, or tried often enough: the data set has failed. */
  async #failed(job: Job<{ id: string }>, token: string, { error, stop }: { error: unknown; stop: AbortController }): Promise<void> {
    if (this.#leaving.signal.aborted) {
      await job.moveToDelayed(Date.now(), token);
      throw new DelayedError();
    }
    if (stop.signal.aborted) return;
    const fault = SlipstreamError.from(error);
    const missing = fault.code === 'dataset_not_found';
    const final = !(fault.retryable || missing) || job.attemptsMade + 1 >= (job.opts.attempts ?? 1);
    this.#options.onError?.(fault);
    if (final && !missing) await this.#store.end(job.data.id, 'failed', fault);
    throw final ? new UnrecoverableError(fault.message) : fault;
  }

  async #stopEnded(): Promise<void> {
    if (!this.#link.ready) return;
    for (const { stop, dataset, name } of [...this.#held.values()]) {
      const status = (await this.#store.status(dataset)) ?? (name === 'begin' ? undefined : 'deleted'); // begun before there is a record
      if (status === 'cancelled' || status === 'failed' || status === 'deleted') stop.abort(new SlipstreamError('generation_cancelled', `the data set is ${status}`));
    }
  }

  #report(error: Error): void {
    if (this.#link.ready && !this.#leaving.signal.aborted) this.#options.onError?.(this.#link.unavailable(error));
  }
}
