import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { UnrecoverableError, WaitingError, type Job } from 'bullmq';
import type { SlipstreamError } from '@slipstream/contracts';
import { ActiveJob, type Stop } from './active-job.js';
import { Company } from './company.js';
import type { ConsumerOptions, JobContext } from './consumer-options.js';
import { Again, giveBack, Endings, type Held } from './endings.js';
import type { Claim, RecordStore } from './record-store.js';

export interface ProcessorParts {
  readonly records: RecordStore;
  unavailable(error: unknown): SlipstreamError;
}

/** What happens to the jobs that BullMQ hands to this worker, from the claim on. Knows the one that holds a job, not who fetches or renews. */
export class Processor {
  readonly #active = new Map<string, ActiveJob>();
  readonly #company = new Company();
  readonly #inHand = new Set<Promise<void>>();
  readonly #left = new AbortController();
  readonly #endings: Endings;

  constructor(
    private readonly options: ConsumerOptions,
    private readonly parts: ProcessorParts,
  ) {
    this.#endings = new Endings(parts.records, options.onReport);
  }

  /** Jobs in work. */
  get active(): number {
    return this.#active.size;
  }

  /** Jobs in work, and those that wait for company or for another try. */
  get inHand(): number {
    return this.#inHand.size;
  }

  /** Pictures of the jobs in work. */
  get pictures(): number {
    return [...this.#active.values()].reduce((sum, { job }) => sum + job.settings.n, 0);
  }

  /** Whether jobs that come are handed back. */
  get leaving(): boolean {
    return this.#left.signal.aborted;
  }

  /** A BullMQ processor: what it throws says where the job goes. */
  process(bullJob: Job, token: string): Promise<void> {
    const work = this.#inCompany({ bullJob, token }).finally(() => this.#inHand.delete(work));
    this.#inHand.add(work);
    return work;
  }

  stop(id: string, why: Stop['why']): void {
    this.#active.get(id)?.stop(why);
  }

  takeNoMore(): void {
    this.#left.abort();
  }

  /** Lets the jobs in work come to their next checkpoint. */
  leave(): void {
    for (const job of this.#active.values()) job.leave();
  }

  /** Does not let them. */
  handBack(): void {
    for (const job of this.#active.values()) job.stop('handed_back');
  }

  async idle(): Promise<void> {
    while (this.#inHand.size > 0) await Promise.allSettled(this.#inHand);
  }

  async #inCompany(held: Pick<Held, 'bullJob' | 'token'>): Promise<void> {
    const { records } = this.parts;
    const id = held.bullJob.id!;
    const alone = await records.isSuspect(id);
    const leave = await this.#company.enter({ alone });
    let again: Again | undefined;
    try {
      if (this.leaving) await giveBack(held);
      const claimant = { owner: randomUUID(), token: held.token, bundle: this.options.bundle };
      await this.#begin(await records.claim(id, claimant), { ...held, ...claimant, leaveCompany: () => void this.#leaveCompany({ id, owner: claimant.owner, alone }, leave) });
    } catch (error) {
      if (error instanceof WaitingError || error instanceof UnrecoverableError) throw error;
      again = error instanceof Again ? error : this.#stumbled(error);
    } finally {
      leave();
    }
    if (!again) return;
    await sleep(again.afterMs, undefined, { ref: false, signal: this.#left.signal }).catch(() => {});
    await giveBack(held);
  }

  /** Before others come in, who may be what workers die of: their deaths are not this job's. */
  async #leaveCompany({ id, owner, alone }: { id: string; owner: string; alone: boolean }, leave: () => void): Promise<void> {
    if (alone && (await this.parts.records.absolve(id, owner).then(() => true, () => false))) leave();
  }

  /** Redis refused to write a record: the job is not let go, and not tried again at once. */
  #stumbled(error: unknown): Again {
    this.options.onError?.(this.parts.unavailable(error));
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
      case 'given_up':
        return this.#endings.unbegun(claim);
      case 'run':
        return this.#work(claim, held);
    }
  }

  async #work({ job, checkpoints, repeated, losses }: Extract<Claim, { verdict: 'run' }>, held: Held): Promise<void> {
    const { owner, bundle } = held;
    const active = new ActiveJob({ job, checkpoints, write: (standing) => this.parts.records.progress(job.id, { owner, bundle, ...standing }) });
    this.#active.set(job.id, active);
    if (this.leaving) active.leave();
    if (losses > 0 || checkpoints.length > 0) this.options.onTakeOver?.({ job, repeated, losses });
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
      const preview: JobContext['preview'] = (index, at) => this.parts.records.preview(job.id, { owner: held.owner, index, ...at }).catch(() => {});
      const result = await this.options.process(job, { signal, leaving, queuedSeconds, checkpoints: [...checkpoints], leaveCompany, progress, preview });
      await this.#endings.completed(active, result);
    } catch (error) {
      await this.#endings.left(active, held, error);
    }
  }
}
