import type { Redis } from 'ioredis';
import { checkpoints, generationJob, generationRecord, type Checkpoint, type GenerationJob, type GenerationRecord, type GenerationStatus } from '@slipstream/contracts';
import type { GoOn, Standing } from './active-job.js';
import { ledgerKeys, queueKeys, queueName, type QueueKeys } from './keys.js';
import { scripts } from './scripts.js';

/** What a worker is told when it asks to start a job. Only `run` means work. */
export type Claim =
  | ({ readonly verdict: 'run'; readonly job: GenerationJob } & Inheritance)
  /** `given_up`: too many of its workers vanished. */
  | { readonly verdict: 'cancel' | 'expired' | 'given_up'; readonly job: GenerationJob }
  /** `taken`: another worker holds it. */
  | { readonly verdict: 'settled' | 'missing' | 'taken' };

/** What earlier workers left of a job. */
export interface Inheritance {
  readonly checkpoints: Standing['checkpoints'];
  /** Steps of each picture that are known to have been done, and are done again. */
  readonly repeated: readonly number[];
  /** How many of its workers vanished. */
  readonly losses: number;
}

/** Whose claim it is: `owner` is given once, `token` is that of the queue's lock. */
export interface Claimant {
  readonly owner: string;
  readonly token: string;
  /** Digest of the bundle at work. */
  readonly bundle: string;
}

/** A job that lost so many workers runs alone, so that nobody else pays for it; and one that lost so many is given up. */
const losses = { alone: 2, most: 3 };
/** Tries in vain until a retryable failure is final. */
const mostFailures = 3;

/** A client that lost its connection is back by then, or comes for the picture. */
const previewKeptMs = 120_000;

/** What a picture may become, as a file of the generation's format. */
export interface ShownPreview {
  /** Of the picture. */
  readonly index: number;
  /** Steps done. */
  readonly step: number;
  /** The later it was made, the higher, over all pictures of the generation. */
  readonly rank: number;
  /** A 1 for each token that is a guess, a 0 for each that is revealed. */
  readonly masked: string;
  readonly bytes: Uint8Array;
}

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

type Command = (...args: (string | number | Buffer)[]) => Promise<unknown>;
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

  /** Whether a job may be what its workers died of, and must not run beside others. */
  async isSuspect(id: string): Promise<boolean> {
    const [counted, owner, safe] = await this.#redis.hmget(this.keys.record(id), 'losses', 'owner', 'safe');
    return Number(counted ?? 0) + (owner && owner !== safe ? 1 : 0) >= losses.alone;
  }

  /** What is left of the work cannot kill a worker: should this owner vanish, it was not the job's fault. */
  async absolve(id: string, owner: string): Promise<void> {
    await this.#redis.absolveRecord(this.keys.record(id), owner);
  }

  /** Takes a job for work, or says why not. Whoever had it and did not leave was lost. */
  async claim(id: string, { owner, token, bundle }: Claimant): Promise<Claim> {
    const answer = await this.#redis.claimRecord(...this.#ledgerOf(id), this.keys.lock(id), Date.now(), owner, token, losses.most, id, keepMs(this.#ttlMs), this.keys.progress(id));
    const [verdict, text, left, reached, lost] = answer as [Claim['verdict'], string, string | null, string | null, number];
    if (verdict === 'settled' || verdict === 'missing' || verdict === 'taken') return { verdict };
    const job = generationJob.parse(JSON.parse(text));
    if (verdict !== 'run') return { verdict, job };
    const from = checkpointsIn(left, bundle);
    const start = Array.from({ length: job.settings.n }, (_, index) => from[index]?.step ?? 0);
    const before = (jsonIn(reached ?? undefined) ?? []) as number[];
    const repeated = start.map((step, index) => Math.max(0, (before[index] ?? 0) - step));
    if (repeated.some((steps) => steps > 0)) await this.#redis.repeatSteps(this.keys.record(id), owner, sum(repeated), JSON.stringify(start));
    return { verdict, job, checkpoints: from, repeated, losses: lost };
  }

  /** Writes how far a job is, and says whether to go on. */
  async progress(id: string, { owner, bundle, reached, stepMap, checkpoints: pictures }: Standing & Omit<Claimant, 'token'>): Promise<GoOn> {
    const left = pictures.some((picture) => picture !== null) ? [JSON.stringify({ bundle, pictures })] : [];
    return (await this.#redis.progressRecord(this.keys.record(id), owner, Math.min(...reached), JSON.stringify(reached), stepMap ?? '', this.keys.progress(id), id, ...left)) as GoOn;
  }

  /** Keeps a preview in place of the one before, for as long as somebody may come back for it. */
  async preview(id: string, { owner, index, step, masked, bytes }: Omit<ShownPreview, 'rank'> & { owner: string }): Promise<void> {
    const packed = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    await this.#redis.showPreview(this.keys.record(id), this.keys.previews(id), owner, index, step, packed, previewKeptMs, this.keys.progress(id), id, masked);
  }

  /** The latest of each picture. */
  async previews(id: string): Promise<ShownPreview[]> {
    const hash = await this.#redis.hgetallBuffer(this.keys.previews(id));
    return Object.keys(hash).filter((field) => /^\d+$/.test(field)).map((field) => {
      const [step, rank] = hash[field]!.toString().split(' ').map(Number);
      return { index: Number(field), step: step!, rank: rank!, masked: String(hash[`${field}:masked`] ?? ''), bytes: hash[`${field}:bytes`]! };
    });
  }

  /**
   * Back to `queued`, as if it had not been taken; or `cancelled`, its end, when it was asked to stop meanwhile. An owner that was
   * thought lost takes the blame off the job.
   */
  async release(id: string, owner: string): Promise<'left' | 'cancelled'> {
    return (await this.#redis.releaseRecord(...this.#ledgerOf(id), owner, id, ...this.#returning)) as 'left' | 'cancelled';
  }

  /** A try in vain, the how manieth: back to `queued`, unless it is `final`; or its end, as with `release`. `lost` when the job is another worker's by now. */
  async fail(id: string, owner: string): Promise<number | 'final' | 'lost' | 'cancelled'> {
    const [verdict, failures] = (await this.#redis.failRecord(...this.#ledgerOf(id), owner, mostFailures, id, ...this.#returning)) as [verdict: 'left', failures: number] | [verdict: 'lost' | 'cancelled'];
    if (verdict !== 'left') return verdict;
    return failures! < mostFailures ? failures! : 'final';
  }

  /**
   * Ends a generation and tells every follower. False when it had ended before: the first settlement stays. With an owner
   * it is his alone to end; without, anybody's.
   */
  async settle(job: Pick<GenerationJob, 'id' | 'settings'>, settlement: Settlement, { owner = '' } = {}): Promise<boolean> {
    const { status, ...rest } = settlement;
    const fields = Object.entries(rest).flatMap(([field, value]) => [field, JSON.stringify(value)]);
    const last = status === 'completed' ? ['step', job.settings.steps] : [];
    return (
      (await this.#redis.settleRecord(
        ...[...this.#ledgerOf(job.id), this.keys.failed, job.id, owner, status, Date.now(), this.#ttlMs, this.keys.settled],
        ...[...fields, ...last],
      )) === 1
    );
  }

  /** Ids of failed generations whose records are still there, the latest first. */
  async failed(most: number): Promise<string[]> {
    return this.#redis.zrange(this.keys.failed, 0, most - 1, 'REV');
  }

  /** A failed generation waits again as if it had never begun; false for any other. */
  async revive(id: string): Promise<boolean> {
    const text = await this.#redis.hget(this.keys.record(id), 'job');
    if (text === null) return false;
    const { tenant, lane } = generationJob.parse(JSON.parse(text));
    const lines = [this.keys.line(lane, tenant), this.keys.lane(lane), this.keys.lanes, this.keys.level];
    return (await this.#redis.reviveRecord(...this.#ledgerOf(id), this.keys.failed, ...lines, id, this.#ttlMs, keepMs(this.#ttlMs), lane)) === 1;
  }

  /** Forgets what has settled. */
  async remove(id: string): Promise<'deleted' | 'unsettled' | 'missing'> {
    const { record, previews, failed, generations } = this.keys;
    return (await this.#redis.deleteRecord(record(id), previews(id), failed, id, generations(''))) as 'deleted' | 'unsettled' | 'missing';
  }

  /** Cancels what no worker has; for what is in work it raises the durable cancel flag and nudges the workers. The status before, undefined for an unknown id. */
  async cancel(id: string): Promise<GenerationStatus | undefined> {
    const before = await this.#redis.cancelRecord(...this.#ledgerOf(id), this.keys.lock(id), this.keys.cancelling, id, Date.now(), this.#ttlMs, this.keys.settled, this.keys.cancelled);
    return (before as GenerationStatus | null) ?? undefined;
  }

  /** Expires what is queued and has missed its time to start, some hundreds at a time; how many. */
  async expireWaiting(): Promise<number> {
    const ids = (await this.#redis.expireWaiting(...ledgerKeys(this.keys), this.keys.record(''), this.#ttlMs, this.keys.settled, 500)) as string[];
    return ids.length;
  }

  /** Ends what was to be cancelled and whose worker is gone: nobody may come to claim it. Some hundreds at a time; which. */
  async cancelForsaken(): Promise<string[]> {
    const { cancelling, settled, record, prefix } = this.keys;
    return (await this.#redis.cancelForsaken(...ledgerKeys(this.keys), cancelling, record(''), `${prefix}:${queueName}:`, this.#ttlMs, settled, 500)) as string[];
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

  /** How long it may wait again, how long its record is kept meanwhile, and who hears should it end. */
  get #returning(): (string | number)[] {
    return [this.#ttlMs, keepMs(this.#ttlMs), this.keys.settled];
  }

  #ledgerOf(id: string): string[] {
    return [...ledgerKeys(this.keys), this.keys.record(id)];
  }
}

/** A record outlives the time in which it may wait or be worked on, so that it is seen to end. */
export const keepMs = (ttlMs: number): number => ttlMs + 60_000;

function toRecord(hash: Record<string, string>): GenerationRecord | undefined {
  if (hash['job'] === undefined) return undefined;
  const { id, tenant, settings } = generationJob.parse(JSON.parse(hash['job']));
  return generationRecord.parse({
    id,
    tenant,
    settings,
    steps: settings.steps,
    status: hash['status'],
    step: Number(hash['step'] ?? 0),
    createdAtMs: numberIn(hash['createdAt']),
    startedAtMs: numberIn(hash['startedAt']),
    endedAtMs: numberIn(hash['endedAt']),
    expiresAtMs: numberIn(hash['expiresAt']),
    stepMap: hash['stepMap'],
    pictures: jsonIn(hash['pictures']),
    provenance: jsonIn(hash['provenance']),
    error: jsonIn(hash['error']),
    losses: numberIn(hash['losses']),
    repeatedSteps: numberIn(hash['repeated']),
  });
}

/** Checkpoints of another bundle, or in another form, are none. */
function checkpointsIn(text: string | null, bundle: string): (Checkpoint | null)[] {
  const { data } = checkpoints.safeParse(jsonIn(text ?? undefined));
  return data?.bundle === bundle ? data.pictures : [];
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const numberIn = (text: string | undefined): number | undefined => (text === undefined ? undefined : Number(text));
const jsonIn = (text: string | undefined): unknown => (text === undefined ? undefined : JSON.parse(text));
