import { once } from '../idempotency.js';

/** Each one atomic; done twice, because an answer was lost, it does nothing the second time. */
export const fileScripts = {
  /** KEYS file files expiring bytes idempotency · ARGV id file createdAt expiresAt tenant size · mostFiles mostBytes · fingerprint keyTtlMs filePrefix → an addition. */
  addFile: {
    numberOfKeys: 5,
    lua: `${once}local before = madeBefore(KEYS[5], ARGV[9], ARGV[1], function(id) return redis.call('EXISTS', ARGV[11] .. id) == 1 end)
if before then return before end
if redis.call('EXISTS', KEYS[1]) == 1 then return {'added'} end
if redis.call('ZCARD', KEYS[2]) >= tonumber(ARGV[7]) then return {'full', 'files'} end
if tonumber(redis.call('HGET', KEYS[4], ARGV[5]) or 0) + ARGV[6] > tonumber(ARGV[8]) then return {'full', 'fileBytes'} end
redis.call('SET', KEYS[1], ARGV[2])
redis.call('ZADD', KEYS[2], ARGV[3], ARGV[1])
redis.call('ZADD', KEYS[3], ARGV[4], ARGV[1])
redis.call('HINCRBY', KEYS[4], ARGV[5], ARGV[6])
remember(KEYS[5], ARGV[9], ARGV[1], ARGV[10])
return {'added'}`,
  },
  /** KEYS file files expiring bytes · ARGV id tenant → 1, or 0 where it was gone. Its bytes are to be gone before. */
  dropFile: {
    numberOfKeys: 4,
    lua: `local file = redis.call('GET', KEYS[1])
if file and redis.call('HINCRBY', KEYS[4], ARGV[2], 0 - cjson.decode(file).sizeBytes) <= 0 then redis.call('HDEL', KEYS[4], ARGV[2]) end
redis.call('ZREM', KEYS[2], ARGV[1])
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
