import { assumedCosts, drainWindowSeconds } from '@slipstream/admission';

/**
 * What every script that settles or admits has in common: KEYS 1 to 8 are `ledgerKeys`. Until when something may wait is
 * told by the clock of Redis alone: it is one, and those of gateways and workers are many. The arithmetic of the drain rate
 * is that of libs/admission, which a test holds it to.
 */
export const ledger = `
local function settled(status)
  return status == 'completed' or status == 'failed' or status == 'cancelled' or status == 'expired'
end
local function clock()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
local function deviceSeconds(full, short)
  local costs = redis.call('HMGET', KEYS[3], 'fullSeconds', 'shortcutSeconds')
  return full * tonumber(costs[1] or ${assumedCosts.fullSeconds}) + short * tonumber(costs[2] or ${assumedCosts.shortcutSeconds})
end
local function perSecond(now)
  local rate = redis.call('HMGET', KEYS[5], 'perSecond', 'at')
  local seconds = rate[1] and math.max(0, now - rate[2]) / 1000
  if not rate[1] or seconds > ${10 * drainWindowSeconds} then return redis.call('ZCARD', KEYS[6]) end
  return tonumber(rate[1]) * math.exp(-seconds / ${drainWindowSeconds})
end
local function settle(record, id, status, now, ttlMs, channel)
  local job = redis.call('HMGET', record, 'tenant', 'n', 'fullSteps', 'shortcutSteps', 'taken')
  local n, full, short = tonumber(job[2] or 0), tonumber(job[3] or 0), tonumber(job[4] or 0)
  redis.call('HSET', record, 'status', status, 'endedAt', now, 'expiresAt', now + ttlMs)
  redis.call('HDEL', record, 'owner', 'lost', 'safe', 'checkpoints', 'reached')
  redis.call('PEXPIRE', record, ttlMs)
  redis.call('ZREM', KEYS[1], id)
  redis.call('HINCRBY', KEYS[2], 'pictures', 0 - n)
  redis.call('HINCRBY', KEYS[2], 'fullSteps', 0 - full)
  redis.call('HINCRBY', KEYS[2], 'shortcutSteps', 0 - short)
  if job[5] then redis.call('HINCRBY', KEYS[2], 'taken', 0 - n) end
  if job[1] and redis.call('HINCRBY', KEYS[4], job[1], 0 - n) <= 0 then redis.call('HDEL', KEYS[4], job[1]) end
  if status == 'completed' or status == 'failed' then
    redis.call('HSET', KEYS[5], 'perSecond', perSecond(now) + deviceSeconds(full, short) / ${drainWindowSeconds}, 'at', now)
  end
  if job[1] and redis.call('EXISTS', KEYS[7] .. job[1]) == 1 then
    redis.call('ZADD', KEYS[8], math.min(tonumber(now), clock()), 'generation.' .. status .. ' ' .. id .. ' ' .. job[1] .. ' ' .. string.format('%.0f', now))
  end
  redis.call('PUBLISH', channel, id)
end
`;
