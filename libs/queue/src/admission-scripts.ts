import { jobsAhead, laneCharges } from '@slipstream/admission';
import { once } from './idempotency.js';
import { ledger } from './ledger-script.js';
import { join } from './line-script.js';

/**
 * Acceptance and the way from a line to BullMQ. A generation waits in the line of its tenant and lane, then in `moving`,
 * then in BullMQ; each move is one script, and until a worker claims it its id is in `waiting` as well. The decisions are
 * those of libs/admission, which tests hold these to.
 */
export const admissionScripts = {
  /**
   * KEYS ledger record bucket line lane lanes level idempotency generations · ARGV id job now waitMs startMs keepMs · tenant laneName work n full short ·
   * perMinute pictures backlogSeconds · fingerprint keyTtlMs recordPrefix
   * → {verdict, …}: {'known'|'mismatch', id}, or {'admitted'|'rate'|'quota'|'backlog', tokens, held, backlogSeconds, backlogPictures, tenants, perSecond, promisedAtMs}.
   */
  admit: {
    numberOfKeys: 16,
    lua: `${ledger}${join}${once}
local id, job, now, waitMs, startMs, keepMs = unpack(ARGV, 1, 6)
local tenant, lane, work, n, full, short = unpack(ARGV, 7, 12)
local perMinute, pictures, seconds = tonumber(ARGV[13]), tonumber(ARGV[14]), tonumber(ARGV[15])
local fingerprint, keyTtlMs, prefix = unpack(ARGV, 16, 18)
local before = madeBefore(KEYS[15], fingerprint, id, function(made) return redis.call('EXISTS', prefix .. made) == 1 end)
if before then return before end
local backlog = redis.call('HMGET', KEYS[2], 'pictures', 'fullSteps', 'shortcutSteps')
local held = tonumber(redis.call('HGET', KEYS[4], tenant) or 0)
local waitingSeconds = deviceSeconds(math.max(0, tonumber(backlog[2] or 0)), math.max(0, tonumber(backlog[3] or 0)))
local bucket = redis.call('HMGET', KEYS[10], 'tokens', 'at')
local tokens = perMinute
if bucket[1] then tokens = math.min(perMinute, bucket[1] + math.max(0, now - bucket[2]) * perMinute / 60000) end
local drainPerSecond, promised = perSecond(tonumber(now)), tonumber(redis.call('HGET', KEYS[5], 'promised') or 0)
local function promise()
  if drainPerSecond <= 0 then return now + 60000 end
  local function atDrain(deviceSeconds) return deviceSeconds / drainPerSecond * 1000 end
  promised = math.min(now + atDrain(seconds), math.max(now, promised) + atDrain(deviceSeconds(tonumber(full), tonumber(short))))
  redis.call('HSET', KEYS[5], 'promised', promised)
  return promised
end
local function answer(verdict)
  local function exact(number) return string.format('%.17g', number) end
  return {verdict, exact(tokens), held, exact(waitingSeconds), tonumber(backlog[1] or 0), redis.call('HLEN', KEYS[4]), exact(drainPerSecond), exact(verdict == 'backlog' and promise() or 0)}
end
if redis.call('EXISTS', KEYS[9]) == 1 then return answer('admitted') end
if tokens < 1 then return answer('rate') end
if held + n > pictures then return answer('quota') end
if waitingSeconds >= seconds then return answer('backlog') end
tokens = tokens - 1
redis.call('HSET', KEYS[10], 'tokens', tokens, 'at', now)
redis.call('PEXPIRE', KEYS[10], 120000)
redis.call('HSET', KEYS[9], 'job', job, 'status', 'queued', 'createdAt', now, 'tenant', tenant, 'work', work, 'n', n, 'fullSteps', full, 'shortcutSteps', short)
if startMs ~= '' then redis.call('HSET', KEYS[9], 'startBy', clock() + startMs) end
redis.call('PEXPIRE', KEYS[9], keepMs)
remember(KEYS[15], fingerprint, id, keyTtlMs)
redis.call('ZREMRANGEBYSCORE', KEYS[16], '-inf', now - 3 * keepMs)
redis.call('ZADD', KEYS[16], now, id)
redis.call('PEXPIRE', KEYS[16], 3 * keepMs)
join(id, clock() + waitMs, lane, tenant, n, full, short)
return answer('admitted')`,
  },
  /**
   * KEYS waiting moving lanes level hands backlog · ARGV prefix staleMs most → ids to add to BullMQ: as many
   * pictures as the fleet has hands for, the next by fair shares, and those whose move was begun and not ended.
   */
  takeNext: {
    numberOfKeys: 6,
    lua: `local prefix, most = ARGV[1], tonumber(ARGV[3])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local ids = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now - ARGV[2], 'LIMIT', 0, most)
local room = tonumber(redis.call('HGET', KEYS[5], 'total') or 0) + ${jobsAhead} - tonumber(redis.call('HGET', KEYS[6], 'taken') or 0)
for _, id in ipairs(ids) do redis.call('ZADD', KEYS[2], now, id) end
local function charge(set, name, field, work)
  redis.call('HSET', KEYS[4], field, redis.call('ZSCORE', set, name))
  redis.call('ZINCRBY', set, work, name)
end
local charges = {interactive = ${laneCharges.interactive}, batch = ${laneCharges.batch}}
local looks = 0
while room > 0 and #ids < most and looks < 5000 do
  looks = looks + 1
  local lane = redis.call('ZRANGE', KEYS[3], 0, 0)[1]
  if not lane then break end
  local tenants = prefix .. ':lane:' .. lane
  local tenant = redis.call('ZRANGE', tenants, 0, 0)[1]
  local id = tenant and redis.call('LPOP', prefix .. ':line:' .. lane .. ':' .. tenant)
  if not tenant then redis.call('ZREM', KEYS[3], lane)
  elseif not id then redis.call('ZREM', tenants, tenant)
  elseif redis.call('ZSCORE', KEYS[1], id) then
    local record = prefix .. ':generation:' .. id
    local job = redis.call('HMGET', record, 'work', 'n')
    local work, n = tonumber(job[1]), tonumber(job[2])
    charge(tenants, tenant, lane, work)
    charge(KEYS[3], lane, 'lanes', work * charges[lane])
    redis.call('HSET', record, 'taken', 1)
    redis.call('HINCRBY', KEYS[6], 'taken', n)
    redis.call('ZADD', KEYS[2], now, id)
    ids[#ids + 1] = id
    room = room - n
  end
end
return ids`,
  },
  /** KEYS hands workers · ARGV worker count lifeMs · this worker takes so many pictures at a time; 0 is good-bye. → hands of the fleet. */
  reportHands: {
    numberOfKeys: 2,
    lua: `local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function set(worker, count)
  local before = tonumber(redis.call('HGET', KEYS[1], worker) or 0)
  redis.call('HINCRBY', KEYS[1], 'total', count - before)
  if count > 0 then redis.call('HSET', KEYS[1], worker, count) else redis.call('HDEL', KEYS[1], worker) end
end
set(ARGV[1], tonumber(ARGV[2]))
if tonumber(ARGV[2]) > 0 then redis.call('ZADD', KEYS[2], now + ARGV[3], ARGV[1]) else redis.call('ZREM', KEYS[2], ARGV[1]) end
for _, gone in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now)) do
  set(gone, 0)
  redis.call('ZREM', KEYS[2], gone)
end
return tonumber(redis.call('HGET', KEYS[1], 'total'))`,
  },
} as const;
