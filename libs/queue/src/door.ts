import type { Redis } from 'ioredis';
import { retryAfterSeconds, workOf, type Limits, type Refusal, type Standing } from '@slipstream/admission';
import type { GenerationJob } from '@slipstream/contracts';
import { admissionScripts } from './admission-scripts.js';
import type { Idempotency, Repeat } from './idempotency.js';
import { ledgerKeys, queueKeys, type QueueKeys } from './keys.js';
import { keepMs } from './record-store.js';

/** What a job is admitted under. */
export interface Terms {
  /** None by default. */
  readonly limits?: Limits;
  /** Whose requests are counted together against the rate; by default the tenant's. */
  readonly bucket?: string;
  readonly idempotency?: Idempotency;
}

/** Requests that the tenant may still send at once. */
export interface Allowance {
  readonly limit: number;
  readonly remaining: number;
}

/** What became of a job at the door; only `admitted` means that it will be worked on. */
export type Admission =
  | { readonly verdict: 'admitted'; readonly allowance: Allowance }
  | Repeat
  | { readonly verdict: 'refused'; readonly by: Refusal; readonly retryAfterSeconds: number; readonly allowance: Allowance };

const unlimited: Limits = { requestsPerMinute: Number.MAX_SAFE_INTEGER, pictures: Number.MAX_SAFE_INTEGER, backlogSeconds: Number.MAX_SAFE_INTEGER };

interface Ask {
  readonly job: GenerationJob;
  readonly terms: Terms;
}

type Reply = [verdict: 'known' | 'mismatch', id: string] | [verdict: 'admitted' | Refusal, tokens: string, held: number, backlogSeconds: string, backlogPictures: number, tenants: number, perSecond: string, promisedAtMs: string];

/** Where jobs become generations, or do not. */
export class Door {
  readonly #redis: Redis;
  readonly #keys: QueueKeys;
  readonly #ttlMs: number;

  constructor(redis: Redis, options: { prefix: string; ttlSeconds: number }) {
    redis.defineCommand('admit', admissionScripts.admit);
    this.#redis = redis;
    this.#keys = queueKeys(options.prefix);
    this.#ttlMs = options.ttlSeconds * 1000;
  }

  /** Decides on each in its turn, all in one round trip; an Error in the place of one that Redis refused. Asking again for the same job does nothing. */
  async admit(asks: readonly Ask[]): Promise<(Admission | Error)[]> {
    const pipeline = this.#redis.pipeline();
    for (const ask of asks) (pipeline as unknown as { admit(...args: (string | number)[]): void }).admit(...this.#argumentsOf(ask));
    const replies = (await pipeline.exec()) ?? [];
    return asks.map((ask, index) => replies[index]![0] ?? admissionOf(ask, replies[index]![1] as Reply));
  }

  #argumentsOf({ job, terms: { limits = unlimited, bucket: name, idempotency } }: Ask): (string | number)[] {
    const { id, tenant, lane, createdAtMs, startByMs, settings } = job;
    const { n, steps, budget } = settings;
    const { record, bucket, line, lane: laneKey, lanes, level, idempotency: idempotencyKey, generations } = this.#keys;
    const startMs = startByMs === undefined ? undefined : startByMs - createdAtMs;
    return [
      ...ledgerKeys(this.#keys), ...[record(id), bucket(name ?? tenant), line(lane, tenant), laneKey(lane), lanes, level, idempotencyKey(tenant, idempotency?.key ?? ''), generations(tenant)],
      ...[id, JSON.stringify(job), createdAtMs, Math.min(startMs ?? Infinity, this.#ttlMs), startMs ?? '', keepMs(this.#ttlMs)],
      ...[tenant, lane, workOf(settings), n, n * budget, n * (steps - budget)],
      ...[limits.requestsPerMinute, limits.pictures, limits.backlogSeconds],
      ...[idempotency?.fingerprint ?? '', this.#ttlMs, record('')],
    ];
  }
}

function admissionOf({ job, terms: { limits = unlimited } }: Ask, reply: Reply): Admission {
  const [verdict] = reply;
  if (verdict === 'known' || verdict === 'mismatch') return { verdict, id: reply[1] };
  const [, tokens, heldPictures, backlogSeconds, backlogPictures, tenants, perSecond, promisedAtMs] = reply as Extract<Reply, { length: 8 }>;
  const bucket = { tokens: Number(tokens), atMs: job.createdAtMs };
  const allowance = { limit: limits.requestsPerMinute, remaining: Math.floor(bucket.tokens) };
  if (verdict === 'admitted') return { verdict, allowance };
  const standing: Standing = { heldPictures, backlogSeconds: Number(backlogSeconds), backlogPictures, tenants, drainPerSecond: Number(perSecond), promisedAtMs: Number(promisedAtMs) };
  return { verdict: 'refused', by: verdict, allowance, retryAfterSeconds: retryAfterSeconds(verdict, { pictures: job.settings.n, nowMs: job.createdAtMs }, { ...standing, bucket }, limits) };
}
