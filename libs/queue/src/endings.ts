import { UnrecoverableError, WaitingError, type Job } from 'bullmq';
import { SlipstreamError, type GenerationJob } from '@slipstream/contracts';
import { Stop, type ActiveJob } from './active-job.js';
import type { ConsumerOptions, GenerationResult, JobContext, JobReport } from './consumer-options.js';
import type { Claim, Claimant, RecordStore, Settlement } from './record-store.js';

/** A job of the queue, held by its lock and in our records. */
export type Held = Claimant & Pick<JobContext, 'leaveCompany'> & { readonly bullJob: Job };

/**
 * To be tried again here or elsewhere. The job is kept in hand meanwhile, not among BullMQ's delayed ones: those wait for a
 * time on the wall clock of whoever put them there.
 */
export class Again extends Error {
  constructor(readonly afterMs: number) {
    super('tried in vain');
  }
}

/** To the head of the queue, where the next free hand takes it. */
export async function giveBack({ bullJob, token }: Pick<Held, 'bullJob' | 'token'>): Promise<never> {
  await bullJob.moveToWait(token);
  throw new WaitingError();
}

/** How a claimed job leaves this worker: in its record, in a report, and by what is thrown in the queue. */
export class Endings {
  constructor(
    private readonly records: RecordStore,
    private readonly onReport: ConsumerOptions['onReport'],
  ) {}

  /** Of a job that is not begun. */
  async unbegun({ job, verdict }: Extract<Claim, { verdict: 'cancel' | 'expired' | 'given_up' }>): Promise<void> {
    const error = verdict === 'given_up' ? givenUp() : undefined;
    const settlement: Settlement = error ? { status: 'failed', error: error.toReport() } : { status: verdict === 'cancel' ? 'cancelled' : 'expired' };
    const settled = await this.records.settle(job, settlement);
    this.report(job, { outcome: settled ? settlement.status : 'lost', queuedSeconds: secondsSince(job), ...(error && { error }) });
  }

  async completed({ job, queuedSeconds }: ActiveJob, result: GenerationResult): Promise<void> {
    const settled = await this.records.settle(job, { status: 'completed', ...result });
    this.report(job, { outcome: settled ? 'completed' : 'lost', queuedSeconds });
  }

  /** The one place where a failure is translated for the queue. */
  async left(active: ActiveJob, held: Held, thrown: unknown): Promise<void> {
    const { job, queuedSeconds, signal } = active;
    const reason: unknown = signal.aborted ? signal.reason : thrown;
    if (!(reason instanceof Stop)) return this.failed(active, held, SlipstreamError.from(thrown));
    switch (reason.why) {
      case 'cancelled':
        await this.records.settle(job, { status: 'cancelled' });
        return this.report(job, { outcome: 'cancelled', queuedSeconds });
      case 'handed_back':
        return this.handedBack(active, held);
      case 'lost':
        await this.records.release(job.id, held.owner);
        this.report(job, { outcome: 'lost', queuedSeconds });
        throw new WaitingError(); // nothing of it is ours any more
    }
  }

  private async handedBack(active: ActiveJob, held: Held): Promise<void> {
    const { job, queuedSeconds } = active;
    await active.saved();
    const outcome = (await this.records.release(job.id, held.owner)) === 'cancelled' ? 'cancelled' : 'handed_back';
    this.report(job, { outcome, queuedSeconds });
    if (outcome === 'handed_back') await giveBack(held);
  }

  private async failed({ job, queuedSeconds }: ActiveJob, held: Held, error: SlipstreamError): Promise<void> {
    if (error.code === 'worker_lost') {
      // Left as it is: whoever claims it next counts a loss, as if this process had been killed.
      this.report(job, { outcome: 'lost', queuedSeconds, error });
      return giveBack(held);
    }
    const verdict = error.retryable ? await this.records.fail(job.id, held.owner) : 'final';
    const outcome = typeof verdict === 'number' ? 'retried' : verdict === 'final' ? 'failed' : verdict;
    if (outcome === 'failed') await this.records.settle(job, { status: 'failed', error: error.toReport() }, held);
    this.report(job, { outcome, queuedSeconds, ...(outcome !== 'cancelled' && { error }) });
    if (typeof verdict === 'number') throw new Again(1_000 * 2 ** (verdict - 1));
    if (outcome === 'lost') throw new WaitingError();
    if (outcome === 'failed') throw new UnrecoverableError(error.message);
  }

  private report(job: GenerationJob, report: Omit<JobReport, 'job' | 'totalSeconds'>): void {
    this.onReport?.({ job, totalSeconds: secondsSince(job), ...report });
  }
}

const givenUp = (): SlipstreamError =>
  new SlipstreamError('worker_lost', 'every worker that took this generation stopped before its end, the last while it did nothing else', {
    remedy: 'look into the logs of the workers; an operator can try it again',
  });

const secondsSince = ({ createdAtMs }: GenerationJob): number => Math.max(0, Date.now() - createdAtMs) / 1000;
