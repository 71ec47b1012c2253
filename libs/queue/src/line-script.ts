/** Puts a generation into its line and counts it. KEYS 1 to 8 are `ledgerKeys`, 11 to 14 line, lane, lanes, level. */
export const join = `
local function join(id, untilMs, lane, tenant, n, full, short)
  redis.call('HINCRBY', KEYS[2], 'pictures', n)
  redis.call('HINCRBY', KEYS[2], 'fullSteps', full)
  redis.call('HINCRBY', KEYS[2], 'shortcutSteps', short)
  redis.call('HINCRBY', KEYS[4], tenant, n)
  redis.call('ZADD', KEYS[1], untilMs, id)
  redis.call('RPUSH', KEYS[11], id)
  redis.call('ZADD', KEYS[12], 'NX', redis.call('HGET', KEYS[14], lane) or 0, tenant)
  redis.call('ZADD', KEYS[13], 'NX', redis.call('HGET', KEYS[14], 'lanes') or 0, lane)
end
`;
