/** What changes webhooks and deliveries, each one atomic; done twice, because an answer was lost, each does nothing the second time. */
export const webhookScripts = {
  /** KEYS webhooks · ARGV id webhook most → 1, or 0 where there are as many already. */
  addWebhook: {
    numberOfKeys: 1,
    lua: `if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 0 and redis.call('HLEN', KEYS[1]) >= tonumber(ARGV[3]) then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
return 1`,
  },
  /** KEYS webhooks · ARGV id before after → 1, or 0 where it is not as it was before. */
  swapWebhook: {
    numberOfKeys: 1,
    lua: `local now = redis.call('HGET', KEYS[1], ARGV[1])
if now == ARGV[3] then return 1 end
if now ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
return 1`,
  },
  /** KEYS outbox · ARGV leaseMs most → events that nobody has at hand, at hand from now on. */
  takeEvents: {
    numberOfKeys: 1,
    lua: `local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local events = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, ARGV[2])
for _, event in ipairs(events) do redis.call('ZADD', KEYS[1], now + ARGV[1], event) end
return events`,
  },
  /**
   * KEYS outbox → {events, milliseconds since the oldest of them}. Those at hand are few and have another time in their place:
   * what an event is called ends with its own.
   */
  lookAtOutbox: {
    numberOfKeys: 1,
    lua: `local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local oldest = now
local function look(events)
  for _, event in ipairs(events) do oldest = math.min(oldest, tonumber(string.match(event, '%d+$'))) end
end
look(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, 100))
look(redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. now, '+inf', 'LIMIT', 0, 1000))
return {redis.call('ZCARD', KEYS[1]), now - oldest}`,
  },
  /** KEYS delivery deliveries · ARGV id webhook event now keepMs. */
  openDelivery: {
    numberOfKeys: 2,
    lua: `if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
redis.call('HSET', KEYS[1], 'webhook', ARGV[2], 'event', ARGV[3], 'createdAt', ARGV[4], 'status', 'pending', 'turn', 1, 'tries', 0, 'attempts', 0)
redis.call('PEXPIRE', KEYS[1], ARGV[5])
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', ARGV[4] - ARGV[5])
redis.call('ZADD', KEYS[2], ARGV[4], ARGV[1])
redis.call('PEXPIRE', KEYS[2], ARGV[5])
return 1`,
  },
  /** KEYS delivery · ARGV turn attempt status nextAt or '' keepMs · what one attempt of this turn came to. */
  noteAttempt: {
    numberOfKeys: 1,
    lua: `local before = redis.call('HMGET', KEYS[1], 'status', 'turn')
if before[1] ~= 'pending' or before[2] ~= ARGV[1] then return 0 end
local number = redis.call('HINCRBY', KEYS[1], 'attempts', 1)
redis.call('HINCRBY', KEYS[1], 'tries', 1)
redis.call('HSET', KEYS[1], 'attempt:' .. number, ARGV[2], 'status', ARGV[3])
if ARGV[4] == '' then redis.call('HDEL', KEYS[1], 'nextAt') else redis.call('HSET', KEYS[1], 'nextAt', ARGV[4]) end
redis.call('PEXPIRE', KEYS[1], ARGV[5])
return 1`,
  },
  /** KEYS delivery deliveries · ARGV keepMs → the turn that begins, or nil where there is no such delivery. */
  beginAgain: {
    numberOfKeys: 2,
    lua: `if redis.call('EXISTS', KEYS[1]) == 0 then return nil end
redis.call('HSET', KEYS[1], 'status', 'pending', 'tries', 0)
redis.call('HDEL', KEYS[1], 'nextAt')
redis.call('PEXPIRE', KEYS[1], ARGV[1])
redis.call('PEXPIRE', KEYS[2], ARGV[1])
return redis.call('HINCRBY', KEYS[1], 'turn', 1)`,
  },
} as const;

export type WebhookCommands = Readonly<Record<keyof typeof webhookScripts, (...args: (string | number)[]) => Promise<unknown>>>;
