import { ledger } from './ledger-script.js';

/**
 * The transitions of a record, each one atomic. A record is a hash: job, status, step, attempts, createdAt, startedAt,
 * endedAt, expiresAt, startBy, cancel, pictures, provenance, error, and what admission knows of it: tenant, work, n,
 * fullSteps, shortcutSteps, and taken once it went to BullMQ. Settled = completed, failed, cancelled or expired: it never changes again. A record is queued
 * exactly while its id is in `waiting`.
 */
export const scripts = {
  /** KEYS ledger record · ARGV now id keepMs → {'run', job, createdAt, attempt} | {'cancel'|'settled'|'expired'|'missing', …}. */
  claimRecord: {
    numberOfKeys: 7,
    lua: `${ledger}
redis.call('ZREM', KEYS[1], ARGV[2])
local record = redis.call('HMGET', KEYS[7], 'status', 'cancel', 'startBy', 'job', 'createdAt', 'startedAt')
if not record[1] then return {'missing'} end
if settled(record[1]) then return {'settled'} end
if record[2] then return {'cancel', record[4], record[5]} end
if record[3] and not record[6] and tonumber(record[3]) <= clock() then return {'expired', record[4], record[5]} end
redis.call('HSET', KEYS[7], 'status', 'in_progress', 'step', 0)
redis.call('HSETNX', KEYS[7], 'startedAt', ARGV[1])
redis.call('PEXPIRE', KEYS[7], ARGV[3])
return {'run', record[4], record[5], redis.call('HINCRBY', KEYS[7], 'attempts', 1)}`,
  },
  /** KEYS record · ARGV step → 1 while work should go on, 0 when cancelled, settled or gone. */
  progressRecord: {
    numberOfKeys: 1,
    lua: `${ledger}
local record = redis.call('HMGET', KEYS[1], 'status', 'cancel')
if not record[1] or settled(record[1]) or record[2] then return 0 end
redis.call('HSET', KEYS[1], 'step', ARGV[1])
return 1`,
  },
  /** KEYS waiting record · ARGV id ttlMs · back to waiting, for another worker. */
  releaseRecord: {
    numberOfKeys: 2,
    lua: `${ledger}
if redis.call('HGET', KEYS[2], 'status') == 'in_progress' then
  redis.call('HSET', KEYS[2], 'status', 'queued', 'step', 0)
  redis.call('HINCRBY', KEYS[2], 'attempts', -1)
  redis.call('ZADD', KEYS[1], clock() + ARGV[2], ARGV[1])
end
return 1`,
  },
  /** KEYS ledger record · ARGV id status now ttlMs channel [field value]… → 1 the first time, else 0. */
  settleRecord: {
    numberOfKeys: 7,
    lua: `${ledger}
local status = redis.call('HGET', KEYS[7], 'status')
if not status or settled(status) then return 0 end
if #ARGV > 5 then redis.call('HSET', KEYS[7], unpack(ARGV, 6)) end
settle(KEYS[7], ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5])
return 1`,
  },
  /** KEYS ledger record · ARGV id now ttlMs settledChannel cancelledChannel → the status before, or nil where there is no such record. What is queued is cancelled here and now. */
  cancelRecord: {
    numberOfKeys: 7,
    lua: `${ledger}
local status = redis.call('HGET', KEYS[7], 'status')
if status == 'queued' then
  redis.call('HSET', KEYS[7], 'cancel', 1)
  settle(KEYS[7], ARGV[1], 'cancelled', tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4])
elseif status and not settled(status) then
  redis.call('HSET', KEYS[7], 'cancel', 1, 'status', 'cancelling')
  redis.call('PUBLISH', ARGV[5], ARGV[1])
end
return status`,
  },
  /** KEYS ledger · ARGV recordPrefix ttlMs channel most → ids whose time to start has passed, expired by this; none of them was taken by a worker. */
  expireWaiting: {
    numberOfKeys: 6,
    lua: `${ledger}
local now = clock()
local ids = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, ARGV[4])
for _, id in ipairs(ids) do
  if redis.call('HGET', ARGV[1] .. id, 'status') == 'queued' then settle(ARGV[1] .. id, id, 'expired', now, tonumber(ARGV[2]), ARGV[3])
  else redis.call('ZREM', KEYS[1], id) end
end
return ids`,
  },
  /** KEYS waiting backlog costs held wait active delayed → {waiting, active, counters, costs}; an idle queue has no backlog, whatever was lost on the way. */
  readBacklog: {
    numberOfKeys: 7,
    lua: `local waiting = redis.call('ZCARD', KEYS[1])
local active = redis.call('LLEN', KEYS[6])
if waiting + active + redis.call('LLEN', KEYS[5]) + redis.call('ZCARD', KEYS[7]) == 0 then redis.call('DEL', KEYS[2], KEYS[4]) end
return {waiting, active, redis.call('HMGET', KEYS[2], 'pictures', 'fullSteps', 'shortcutSteps'), redis.call('HMGET', KEYS[3], 'fullSeconds', 'shortcutSeconds')}`,
  },
} as const;
