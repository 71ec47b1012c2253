/** Each one atomic; done twice, because an answer was lost, it does nothing the second time. */
export const fileScripts = {
  /** KEYS file files expiring · ARGV id file createdAt expiresAt. */
  addFile: {
    numberOfKeys: 3,
    lua: `redis.call('SET', KEYS[1], ARGV[2])
redis.call('ZADD', KEYS[2], ARGV[3], ARGV[1])
redis.call('ZADD', KEYS[3], ARGV[4], ARGV[1])
return 1`,
  },
  /** KEYS file files expiring · ARGV id → 1, or 0 where it was gone. Its bytes are to be gone before. */
  dropFile: {
    numberOfKeys: 3,
    lua: `redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('ZREM', KEYS[3], ARGV[1])
return redis.call('DEL', KEYS[1])`,
  },
  /** KEYS expiring · ARGV now leaseMs most → ids whose time is up and that nobody else is deleting. */
  takeExpired: {
    numberOfKeys: 1,
    lua: `local ids = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, ARGV[3])
for _, id in ipairs(ids) do redis.call('ZADD', KEYS[1], ARGV[1] + ARGV[2], id) end
return ids`,
  },
} as const;

export type FileCommands = Readonly<Record<keyof typeof fileScripts, (...args: (string | number)[]) => Promise<unknown>>>;
