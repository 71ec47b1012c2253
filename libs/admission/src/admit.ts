import type { TenantLimits } from '@slipstream/contracts';
import { refilled, secondsUntil, type Bucket } from './token-bucket.js';

/** Bounds on what is accepted; the backlog is everybody's. */
export interface Limits extends Pick<TenantLimits, 'requestsPerMinute' | 'pictures'> {
  /** Seconds of one device that all waiting and running work takes; at or beyond it nothing is accepted. */
  readonly backlogSeconds: number;
}

/** A wait that nobody can compute: nothing is being finished. */
const unknownSeconds = 60;
const mostSeconds = 3_600;

/** What is known when someone asks. */
export interface Standing {
  readonly bucket?: Bucket;
  /** Pictures of the tenant, waiting and in the making. */
  readonly heldPictures: number;
  /** Device-seconds and pictures of everybody, waiting and in the making. */
  readonly backlogSeconds: number;
  readonly backlogPictures: number;
  /** Tenants that hold any. */
  readonly tenants: number;
  /** Device-seconds that the fleet finishes per second. */
  readonly drainPerSecond: number;
  /** By when the fleet would have finished what it has refused so far; clients were told to come back until then. */
  readonly promisedAtMs?: number;
}

/** Why not: too many requests of the tenant, too many of its pictures, too much work of everybody. */
export type Refusal = 'rate' | 'quota' | 'backlog';

/** By when the fleet would have finished a request that it refuses for its backlog, after those refused before, and at most as far ahead as a full backlog takes: not all who are refused can come back at once. */
export function promiseAtMs({ deviceSeconds, nowMs }: { deviceSeconds: number; nowMs: number }, { promisedAtMs = 0, drainPerSecond }: Pick<Standing, 'promisedAtMs' | 'drainPerSecond'>, { backlogSeconds }: Pick<Limits, 'backlogSeconds'>): number {
  if (drainPerSecond <= 0) return nowMs + unknownSeconds * 1000;
  const atDrainMs = (seconds: number): number => (seconds / drainPerSecond) * 1000;
  return Math.min(nowMs + atDrainMs(backlogSeconds), Math.max(nowMs, promisedAtMs) + atDrainMs(deviceSeconds));
}

/** Whether a request for so many pictures is accepted. The bucket is as it is afterwards; a refusal takes nothing from it. */
export function admit({ pictures, nowMs }: { pictures: number; nowMs: number }, standing: Standing, limits: Limits): { refusal?: Refusal; bucket: Bucket } {
  const bucket = refilled(standing.bucket, { perMinute: limits.requestsPerMinute, nowMs });
  const refusal = refusalOf(pictures, { ...standing, bucket }, limits);
  return refusal ? { refusal, bucket } : { bucket: { ...bucket, tokens: bucket.tokens - 1 } };
}

function refusalOf(pictures: number, { bucket, heldPictures, backlogSeconds }: Standing & { bucket: Bucket }, limits: Limits): Refusal | undefined {
  if (bucket.tokens < 1) return 'rate';
  if (heldPictures + pictures > limits.pictures) return 'quota';
  return backlogSeconds >= limits.backlogSeconds ? 'backlog' : undefined;
}

/**
 * Whole seconds after which the same request should be accepted, 1 to 3600: by the bucket, or by how fast work is being
 * finished. Of a tenant's own pictures the fleet is taken to finish its fair share among those who hold any; what is too
 * much of everybody's is finished by the promise, of which this refusal is part.
 */
export function retryAfterSeconds(refusal: Refusal, { pictures, nowMs }: { pictures: number; nowMs: number }, standing: Standing & { bucket: Bucket }, limits: Limits): number {
  const { heldPictures, backlogSeconds, backlogPictures, tenants, drainPerSecond, promisedAtMs = nowMs } = standing;
  const atDrain = (deviceSeconds: number): number => (drainPerSecond > 0 ? deviceSeconds / drainPerSecond : unknownSeconds);
  const seconds = {
    rate: () => secondsUntil(1, standing.bucket, limits.requestsPerMinute),
    quota: () => atDrain((heldPictures + pictures - limits.pictures) * (backlogSeconds / Math.max(1, backlogPictures)) * Math.max(1, tenants)),
    backlog: () => (promisedAtMs - nowMs) / 1000 + (drainPerSecond > 0 ? atDrain(backlogSeconds - limits.backlogSeconds) : 0),
  }[refusal]();
  return Math.min(mostSeconds, Math.max(1, Math.ceil(seconds)));
}
