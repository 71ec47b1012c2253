/** What the fleet knows of its quality, each change atomic. */
export const qualityScripts = {
  /** KEYS fallbacks window · ARGV field audit keep ttlMs → {fallback or nil, the window, oldest first}. */
  addAudit: {
    numberOfKeys: 2,
    lua: `redis.call('RPUSH', KEYS[2], ARGV[2])
redis.call('LTRIM', KEYS[2], 0 - ARGV[3], -1)
redis.call('PEXPIRE', KEYS[2], ARGV[4])
if redis.call('EXISTS', KEYS[1]) == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[4]) end
return {redis.call('HGET', KEYS[1], ARGV[1]), redis.call('LRANGE', KEYS[2], 0, -1)}`,
  },
  /** KEYS fallbacks, windows to empty… · ARGV field, the fallback it must be in or '', the next or '' for none, ttlMs → 1 for the one that changed it. */
  changeFallback: {
    lua: `if (redis.call('HGET', KEYS[1], ARGV[1]) or '') ~= ARGV[2] then return 0 end
if ARGV[3] == '' then redis.call('HDEL', KEYS[1], ARGV[1]) else redis.call('HSET', KEYS[1], ARGV[1], ARGV[3]) end
redis.call('PEXPIRE', KEYS[1], ARGV[4])
for i = 2, #KEYS do redis.call('DEL', KEYS[i]) end
return 1`,
  },
  /** KEYS value · ARGV the value it must be or '', the next, ttlMs → 1 when it was replaced. */
  replaceValue: {
    numberOfKeys: 1,
    lua: `if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1`,
  },
} as const;
