import { Inject, Injectable } from '@nestjs/common';
import { SlipstreamError } from '@slipstream/contracts';
import { BatchBook, LeaseLost, type BatchLease } from '@slipstream/queue';
import type { Logger } from '@slipstream/server-kit';
import { LOGGER } from '../generations/acceptance-log.js';
import { BatchDrive } from './batch-drive.js';
import { Course } from './course.js';

const intervalMs = 1_000;
/** Batches that one gateway drives at a time. */
const most = 32;
/** Until a batch is tried again that could not be gone on with. */
const retryMs = 3_000;
/** A batch is driven for so long while others wait to be. */
const turnMs = 60_000;

class Leaving extends Error {}

/** This gateway's share of driving the batches of all: it takes what nobody drives, and lets go of what it cannot. */
@Injectable()
export class BatchDriver {
  readonly #driven = new Map<Course, Promise<void>>();
  #timer: NodeJS.Timeout | undefined;
  #taking: Promise<void> | undefined;
  #closed = false;

  constructor(
    @Inject(BatchBook) private readonly book: BatchBook,
    @Inject(BatchDrive) private readonly drive: BatchDrive,
    @Inject(LOGGER) private readonly logger: Pick<Logger, 'info' | 'warn'>,
  ) {}

  start(): void {
    this.#timer ??= setInterval(() => this.kick(), intervalMs).unref();
    this.kick();
  }

  /** There may be a batch to drive. */
  kick(): void {
    if (this.#closed) return;
    this.#taking ??= this.#take().catch(() => {}).finally(() => (this.#taking = undefined)); // the queue's own link tells of Redis
  }

  /** Leaves all of them where they are, for another gateway to go on with at once. */
  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    await this.#taking;
    for (const course of this.#driven.keys()) course.leave(new Leaving('this gateway leaves'));
    await Promise.all(this.#driven.values());
  }

  async #take(): Promise<void> {
    while (this.#driven.size < most && !this.#closed) {
      const lease = await this.book.take();
      if (!lease) return;
      const course = new Course(lease.batch);
      this.#driven.set(course, this.#go(lease, course).finally(() => this.#driven.delete(course)));
    }
  }

  async #go(lease: BatchLease, course: Course): Promise<void> {
    const { id } = lease.batch;
    const ending = this.#watch(lease, course);
    try {
      await this.drive.run(lease, course);
      this.logger.info({ batch: id }, 'batch ended');
    } catch (error) {
      const left = error instanceof LeaseLost || course.leaving.aborted;
      if (!left) this.logger.warn({ batch: id, code: SlipstreamError.from(error).code }, `batch is tried again: ${(error as Error).message}`);
      course.leave(error as Error);
      await lease.release(left ? 0 : retryMs).catch(() => {}); // it lapses
    } finally {
      clearInterval(ending);
    }
  }

  /** Renews the lease, and tells the course what has become of the batch meanwhile. */
  #watch(lease: BatchLease, course: Course): NodeJS.Timeout {
    const startedMs = performance.now();
    let heardMs = startedMs;
    const look = async (): Promise<void> => {
      if (Date.now() >= lease.batch.expiresAtMs) course.stop('expired');
      const { status, othersWait } = await lease.renew();
      heardMs = performance.now();
      if (status === 'cancelling') course.stop('cancelled');
      if (othersWait && this.#driven.size >= most && heardMs - startedMs > turnMs) course.leave(new Leaving('others wait'));
    };
    const looking = (): void => void look().catch((error: Error) => {
      if (error instanceof LeaseLost || performance.now() - heardMs > 5 * lease.renewMs) course.leave(error);
    });
    if (lease.batch.status === 'cancelling') course.stop('cancelled');
    looking();
    return setInterval(looking, Math.min(lease.renewMs, intervalMs));
  }
}
