/**
 * The transitions of a record, each one atomic. A record is a hash: job, status, step, attempts, createdAt, startedAt,
 * endedAt, expiresAt, startBy, cancel, pictures, provenance, error. Settled = completed, failed, cancelled or expired: it never changes again.
 */
const settled = `
local function settled(status)
  return status == 'completed' or status == 'failed' or status == 'cancelled' or status == 'expired'
end
`;

export const scripts = {
  /** Number of KEYS first: records · ARGV ttlMs then for each record job, createdAt, startBy or '' → all made. */
  createRecords: {
    lua: `for i, key in ipairs(KEYS) do
  local startBy = ARGV[3 * i + 1]
  redis.call('HSET', key, 'job', ARGV[3 * i - 1], 'status', 'queued', 'createdAt', ARGV[3 * i])
  if startBy ~= '' then redis.call('HSET', key, 'startBy', startBy) end
  redis.call('PEXPIRE', key, ARGV[1])
end
return #KEYS`,
  },
  /** KEYS record · ARGV now → {'run', job, createdAt, attempt} | {'cancel'|'settled'|'expired'|'missing', …}. */
  claimRecord: {
    numberOfKeys: 1,
    lua: `${settled}
local record = redis.call('HMGET', KEYS[1], 'status', 'cancel', 'startBy', 'job', 'createdAt')
if not record[1] then return {'missing'} end
if settled(record[1]) then return {'settled'} end
if record[2] then return {'cancel', record[4], record[5]} end
if record[3] and tonumber(record[3]) <= tonumber(ARGV[1]) then return {'expired', record[4], record[5]} end
redis.call('HSET', KEYS[1], 'status', 'in_progress', 'step', 0)
redis.call('HSETNX', KEYS[1], 'startedAt', ARGV[1])
return {'run', record[4], record[5], redis.call('HINCRBY', KEYS[1], 'attempts', 1)}`,
  },
  /** KEYS record · ARGV step → 1 while work should go on, 0 when cancelled, settled or gone. */
  progressRecord: {
    numberOfKeys: 1,
    lua: `${settled}
local record = redis.call('HMGET', KEYS[1], 'status', 'cancel')
if not record[1] or settled(record[1]) or record[2] then return 0 end
redis.call('HSET', KEYS[1], 'step', ARGV[1])
return 1`,
  },
  /** KEYS record · back to waiting, for another worker. */
  releaseRecord: {
    numberOfKeys: 1,
    lua: `if redis.call('HGET', KEYS[1], 'status') == 'in_progress' then
  redis.call('HSET', KEYS[1], 'status', 'queued', 'step', 0)
  redis.call('HINCRBY', KEYS[1], 'attempts', -1)
end
return 1`,
  },
  /** KEYS record backlog · ARGV channel id status now ttlMs pictures full shortcut [field value]… → 1 the first time, else 0. */
  settleRecord: {
    numberOfKeys: 2,
    lua: `${settled}
local status = redis.call('HGET', KEYS[1], 'status')
if not status or settled(status) then return 0 end
redis.call('HSET', KEYS[1], 'status', ARGV[3], 'endedAt', ARGV[4], 'expiresAt', ARGV[4] + ARGV[5], unpack(ARGV, 9))
redis.call('PEXPIRE', KEYS[1], ARGV[5])
redis.call('HINCRBY', KEYS[2], 'pictures', 0 - ARGV[6])
redis.call('HINCRBY', KEYS[2], 'fullSteps', 0 - ARGV[7])
redis.call('HINCRBY', KEYS[2], 'shortcutSteps', 0 - ARGV[8])
redis.call('PUBLISH', ARGV[1], ARGV[2])
return 1`,
  },
  /** KEYS record · ARGV channel id → the status before, or nil where there is no such record. */
  cancelRecord: {
    numberOfKeys: 1,
    lua: `${settled}
local status = redis.call('HGET', KEYS[1], 'status')
if status and not settled(status) then
  redis.call('HSET', KEYS[1], 'cancel', 1, 'status', 'cancelling')
  redis.call('PUBLISH', ARGV[1], ARGV[2])
end
return status`,
  },
  /** KEYS backlog costs wait active delayed → {waiting, active, counters, costs}; an idle queue has no backlog, whatever was lost on the way. */
  readBacklog: {
    numberOfKeys: 5,
    lua: `local waiting = redis.call('LLEN', KEYS[3]) + redis.call('ZCARD', KEYS[5])
local active = redis.call('LLEN', KEYS[4])
if waiting + active == 0 then redis.call('DEL', KEYS[1]) end
return {waiting, active, redis.call('HMGET', KEYS[1], 'pictures', 'fullSteps', 'shortcutSteps'), redis.call('HMGET', KEYS[2], 'fullSeconds', 'shortcutSeconds')}`,
  },
} as const;
