import type { Redis } from 'ioredis';

/** A client's own name for its request among its tenant's of one kind, and a digest of what it asked for. */
export interface Idempotency {
  readonly key: string;
  readonly fingerprint: string;
}

/** What the same key made before, of the same request or of another one. */
export interface Repeat {
  readonly verdict: 'known' | 'mismatch';
  readonly id: string;
}

/** What became of something that was to be added; `full`: its tenant has as many, or as much, as it may. */
export type Addition<Limit extends string = never> = Repeat | { readonly verdict: 'added' } | { readonly verdict: 'full'; readonly limit: Limit };

/**
 * What every script that adds something once has in common: a key belongs to what it made for as long as that exists, and no
 * longer than its time. `exists` tells that of an id; without a fingerprint there is no key.
 */
export const once = `
local function madeBefore(named, fingerprint, id, exists)
  if fingerprint == '' then return nil end
  local made = redis.call('HMGET', named, 'id', 'fingerprint')
  if made[1] and made[1] ~= id and exists(made[1]) then return {made[2] == fingerprint and 'known' or 'mismatch', made[1]} end
end
local function remember(named, fingerprint, id, ttlMs)
  if fingerprint == '' then return end
  redis.call('HSET', named, 'id', id, 'fingerprint', fingerprint)
  redis.call('PEXPIRE', named, ttlMs)
end
`;

/** What a key made, whether that still exists or not; scripts ask again. */
export async function madeBefore(redis: Redis, named: string, fingerprint: string): Promise<Repeat | undefined> {
  const [id, made] = await redis.hmget(named, 'id', 'fingerprint');
  return id ? { verdict: made === fingerprint ? 'known' : 'mismatch', id } : undefined;
}

/** The answer of a script that adds. */
export function additionIn<Limit extends string>(reply: unknown): Addition<Limit> {
  const [verdict, detail] = reply as ['added'] | ['known' | 'mismatch', string] | ['full', Limit];
  switch (verdict) {
    case 'added':
      return { verdict };
    case 'full':
      return { verdict, limit: detail as Limit };
    default:
      return { verdict, id: detail! };
  }
}
