/** What a RedisFrameStore does in one go. */
export const frameScripts = {
  /** KEYS frame claim · ARGV owner leaseMs → {frame} | {nil, 1} where the owner makes it | {nil, 0} where another does. */
  claimFrame: {
    numberOfKeys: 2,
    lua: `local frame = redis.call('GET', KEYS[1])
if frame then return {frame} end
if redis.call('SET', KEYS[2], ARGV[1], 'NX', 'PX', ARGV[2]) then return {false, 1} end
return {false, redis.call('GET', KEYS[2]) == ARGV[1] and 1 or 0}`,
  },
  /** KEYS claim · ARGV owner → 1 when it was the owner's. */
  releaseFrame: {
    numberOfKeys: 1,
    lua: `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0`,
  },
} as const;
