/** Requests that a tenant may still send at once, as of a moment. */
export interface Bucket {
  readonly tokens: number;
  readonly atMs: number;
}

/** The bucket now: a full one holds a minute's worth. A clock that was set back fills nothing and stops nothing. */
export function refilled(bucket: Bucket | undefined, { perMinute, nowMs }: { perMinute: number; nowMs: number }): Bucket {
  if (!bucket) return { tokens: perMinute, atMs: nowMs };
  const elapsedMs = Math.max(0, nowMs - bucket.atMs);
  return { tokens: Math.min(perMinute, bucket.tokens + (elapsedMs * perMinute) / 60_000), atMs: nowMs };
}

/** Seconds until the bucket holds so many. */
export function secondsUntil(tokens: number, bucket: Pick<Bucket, 'tokens'>, perMinute: number): number {
  return (Math.max(0, tokens - bucket.tokens) * 60) / perMinute;
}
