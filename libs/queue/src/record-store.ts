import type { Redis } from 'ioredis';
import { generationJob, generationRecord, type GenerationJob, type GenerationRecord, type GenerationStatus } from '@slipstream/contracts';
import { ledgerKeys, queueKeys, type QueueKeys } from './keys.js';
import { scripts } from './scripts.js';

/** What a worker is told when it asks to start a job. Only `run` means work. */
export type Claim =
  | { readonly verdict: 'run'; readonly job: GenerationJob; readonly attempt: number }
  | { readonly verdict: 'cancel' | 'expired'; readonly job: GenerationJob }
  | { readonly verdict: 'settled' }
  | { readonly verdict: 'missing' };

/** How a generation ended. */
export type Settlement =
  | ({ readonly status: 'completed' } & Required<Pick<GenerationRecord, 'pictures' | 'provenance'>>)
  | ({ readonly status: 'failed' } & Required<Pick<GenerationRecord, 'error'>>)
  | { readonly status: 'cancelled' | 'expired' };

/** Steps of work asked for and not finished, and what one of each costs on the devices seen last. */
export interface Backlog {
  /** Jobs that no worker has taken. */
  readonly waitingJobs: number;
  readonly activeJobs: number;
  readonly pictures: number;
  readonly fullSteps: number;
  readonly shortcutSteps: number;
  /** Seconds of one device that this work takes; 0 until a worker has reported its costs. */
  readonly deviceSeconds: number;
}

/** Seconds per row of one full and one shortcut step, as an engine measures them. */
export interface StepCosts {
  readonly fullSeconds: number;
  readonly shortcutSeconds: number;
}

type Command = (...args: (string | number)[]) => Promise<unknown>;
type Commands = Readonly<Record<keyof typeof scripts, Command>>;

/**
 * Generation records in Redis hashes of our own, whose life has nothing to do with BullMQ's retention: a settled
 * record answers until its time is up, then an id is unknown. Every change is one atomic script.
 */
export class RecordStore {
  readonly keys: QueueKeys;
  readonly #redis: Redis & Commands;
  readonly #ttlMs: number;

  constructor(redis: Redis, options: { prefix: string; ttlSeconds: number }) {
    for (const [name, script] of Object.entries(scripts)) redis.defineCommand(name, script);
    this.#redis = redis as Redis & Commands;
    this.keys = queueKeys(options.prefix);
    this.#ttlMs = options.ttlSeconds * 1000;
  }

  async read(id: string): Promise<GenerationRecord | undefined> {
    return toRecord(await this.#redis.hgetall(this.keys.record(id)));
  }

  async status(id: string): Promise<GenerationStatus | undefined> {
    return ((await this.#redis.hget(this.keys.record(id), 'status')) as GenerationStatus | null) ?? undefined;
  }

  /** Takes a job for work, or says why not. */
  async claim(id: string): Promise<Claim> {
    const [verdict, job, , attempt] = (await this.#redis.claimRecord(...this.#ledgerOf(id), Date.now(), id, keepMs(this.#ttlMs))) as [Claim['verdict'], string, string, number];
    if (verdict === 'settled' || verdict === 'missing') return { verdict };
    const parsed = generationJob.parse(JSON.parse(job));
    return verdict === 'run' ? { verdict, job: parsed, attempt } : { verdict, job: parsed };
  }

  /** Writes the step reached; false when the work should stop. */
  async progress(id: string, step: number): Promise<boolean> {
    return (await this.#redis.progressRecord(this.keys.record(id), step)) === 1;
  }

  /** Back to `queued`, without an attempt counted. */
  async release(id: string): Promise<void> {
    await this.#redis.releaseRecord(this.keys.waiting, this.keys.record(id), id, this.#ttlMs);
  }

  /** Ends a generation and tells every follower. False when it had ended before: the first settlement stays. */
  async settle(job: Pick<GenerationJob, 'id' | 'settings'>, settlement: Settlement): Promise<boolean> {
    const { status, ...rest } = settlement;
    const fields = Object.entries(rest).flatMap(([field, value]) => [field, JSON.stringify(value)]);
    const last = status === 'completed' ? ['step', job.settings.steps] : [];
    return (
      (await this.#redis.settleRecord(
        ...[...this.#ledgerOf(job.id), job.id, status, Date.now(), this.#ttlMs, this.keys.settled],
        ...[...fields, ...last],
      )) === 1
    );
  }

  /** Cancels what is queued; for what is in work it raises the durable cancel flag and nudges the workers. The status before, undefined for an unknown id. */
  async cancel(id: string): Promise<GenerationStatus | undefined> {
    const before = await this.#redis.cancelRecord(...this.#ledgerOf(id), id, Date.now(), this.#ttlMs, this.keys.settled, this.keys.cancelled);
    return (before as GenerationStatus | null) ?? undefined;
  }

  /** Expires what is queued and has missed its time to start, some hundreds at a time; how many. */
  async expireWaiting(): Promise<number> {
    const ids = (await this.#redis.expireWaiting(...ledgerKeys(this.keys), this.keys.record(''), this.#ttlMs, this.keys.settled, 500)) as string[];
    return ids.length;
  }

  async backlog(): Promise<Backlog> {
    const { waiting, backlog, costs, held, wait, active, delayed } = this.keys;
    const [waitingJobs, activeJobs, counters, seconds] = (await this.#redis.readBacklog(waiting, backlog, costs, held, wait, active, delayed)) as [number, number, (string | null)[], (string | null)[]];
    const [pictures = 0, fullSteps = 0, shortcutSteps = 0] = counters.map((value) => Math.max(0, Number(value)));
    const [fullSeconds = 0, shortcutSeconds = 0] = seconds.map(Number);
    return { waitingJobs, activeJobs, pictures, fullSteps, shortcutSteps, deviceSeconds: fullSteps * fullSeconds + shortcutSteps * shortcutSeconds };
  }

  async reportCosts({ fullSeconds, shortcutSeconds }: StepCosts): Promise<void> {
    await this.#redis.hset(this.keys.costs, { fullSeconds, shortcutSeconds });
  }

  #ledgerOf(id: string): string[] {
    return [...ledgerKeys(this.keys), this.keys.record(id)];
  }
}

/** A record outlives the time in which it may wait or be worked on, so that it is seen to end. */
export const keepMs = (ttlMs: number): number => ttlMs + 60_000;

function toRecord(hash: Record<string, string>): GenerationRecord | undefined {
  if (hash['job'] === undefined) return undefined;
  const { id, settings } = generationJob.parse(JSON.parse(hash['job']));
  return generationRecord.parse({
    id,
    settings,
    steps: settings.steps,
    status: hash['status'],
    step: Number(hash['step'] ?? 0),
    createdAtMs: numberIn(hash['createdAt']),
    startedAtMs: numberIn(hash['startedAt']),
    endedAtMs: numberIn(hash['endedAt']),
    expiresAtMs: numberIn(hash['expiresAt']),
    pictures: jsonIn(hash['pictures']),
    provenance: jsonIn(hash['provenance']),
    error: jsonIn(hash['error']),
  });
}

const numberIn = (text: string | undefined): number | undefined => (text === undefined ? undefined : Number(text));
const jsonIn = (text: string | undefined): unknown => (text === undefined ? undefined : JSON.parse(text));
