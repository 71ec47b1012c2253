/**
 * The transitions of a record, each one atomic. A record is a hash: job, status, step, createdAt, startedAt, endedAt,
 * expiresAt, startBy, cancel, pictures, provenance, error; and of its runs: owner, who has it in work; losses, how many
 * owners vanished over it; lost, the last of these; safe, an owner whose end would not be its fault; failures, how often it was tried in vain; checkpoints, reached and
 * repeated. Settled = completed, failed, cancelled or expired: it never changes again, unless an operator retries it.
 *
 * A command whose answer was lost with its connection is sent again, so each script does nothing the second time: an owner
 * is a name that is given once, and whoever is not the owner changes nothing.
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
  /**
   * KEYS record lock · ARGV now owner lock's token, most losses → {'run', job, checkpoints, reached, losses} |
   * {'cancel'|'expired'|'given_up', job} | {'settled'|'missing'|'taken'}. An owner who never left was lost.
   */
  claimRecord: {
    numberOfKeys: 2,
    lua: `${settled}
local record = redis.call('HMGET', KEYS[1], 'status', 'cancel', 'startBy', 'job', 'startedAt', 'owner', 'checkpoints', 'reached', 'losses', 'safe')
if not record[1] then return {'missing'} end
if settled(record[1]) then return {'settled'} end
if redis.call('GET', KEYS[2]) ~= ARGV[3] then return {'taken'} end
if record[2] then return {'cancel', record[4]} end
if not record[5] and record[3] and tonumber(record[3]) <= tonumber(ARGV[1]) then return {'expired', record[4]} end
local losses = tonumber(record[9] or 0)
if record[6] and record[6] ~= ARGV[2] and record[6] ~= record[10] then
  losses = losses + 1
  redis.call('HSET', KEYS[1], 'losses', losses, 'lost', record[6])
end
redis.call('HSET', KEYS[1], 'status', 'in_progress', 'owner', ARGV[2])
redis.call('HSETNX', KEYS[1], 'startedAt', ARGV[1])
if losses >= tonumber(ARGV[4]) then return {'given_up', record[4]} end
return {'run', record[4], record[7], record[8], losses}`,
  },
  /** KEYS record · ARGV owner → 1 · from now on this owner may vanish without blame. */
  absolveRecord: {
    numberOfKeys: 1,
    lua: `if redis.call('HGET', KEYS[1], 'owner') == ARGV[1] then redis.call('HSET', KEYS[1], 'safe', ARGV[1]) end
return 1`,
  },
  /** KEYS record · ARGV owner repeated reached → 1. Of steps that the last owner had done and this one does again. */
  repeatSteps: {
    numberOfKeys: 1,
    lua: `if redis.call('HGET', KEYS[1], 'owner') ~= ARGV[1] then return 0 end
if redis.call('HGET', KEYS[1], 'reached') == ARGV[3] then return 0 end
redis.call('HSET', KEYS[1], 'reached', ARGV[3])
redis.call('HINCRBY', KEYS[1], 'repeated', ARGV[2])
return 1`,
  },
  /** KEYS record · ARGV owner step reached [checkpoints] → 'run' while work should go on, else 'cancelled' or 'lost'. */
  progressRecord: {
    numberOfKeys: 1,
    lua: `${settled}
local record = redis.call('HMGET', KEYS[1], 'status', 'cancel', 'owner')
if record[3] ~= ARGV[1] or settled(record[1]) then return 'lost' end
if record[2] then return 'cancelled' end
redis.call('HSET', KEYS[1], 'step', ARGV[2], 'reached', ARGV[3])
if ARGV[4] then redis.call('HSET', KEYS[1], 'checkpoints', ARGV[4]) end
return 'run'`,
  },
  /**
   * KEYS record · ARGV owner · the owner leaves of its own will: back to waiting, for another worker. One that was taken
   * for lost and is not takes the blame off the job.
   */
  releaseRecord: {
    numberOfKeys: 1,
    lua: `local record = redis.call('HMGET', KEYS[1], 'status', 'owner', 'lost')
if record[2] == ARGV[1] then
  if record[1] == 'in_progress' then redis.call('HSET', KEYS[1], 'status', 'queued') end
  redis.call('HDEL', KEYS[1], 'owner')
elseif record[3] == ARGV[1] then
  redis.call('HINCRBY', KEYS[1], 'losses', -1)
  redis.call('HDEL', KEYS[1], 'lost')
end
return 1`,
  },
  /** KEYS record · ARGV owner most → failures by now, and back to waiting while there are fewer than most; -1 for another's. */
  failRecord: {
    numberOfKeys: 1,
    lua: `local record = redis.call('HMGET', KEYS[1], 'status', 'owner', 'failures')
if record[2] ~= ARGV[1] then return -1 end
local failures = tonumber(record[3] or 0) + 1
if failures < tonumber(ARGV[2]) then
  redis.call('HSET', KEYS[1], 'failures', failures)
  if record[1] == 'in_progress' then redis.call('HSET', KEYS[1], 'status', 'queued') end
  redis.call('HDEL', KEYS[1], 'owner')
end
return failures`,
  },
  /**
   * KEYS record backlog failed · ARGV channel id owner or '' status now ttlMs pictures full shortcut [field value]… → 1 the
   * first time, else 0; and 0 when there is another owner than the one named.
   */
  settleRecord: {
    numberOfKeys: 3,
    lua: `${settled}
local record = redis.call('HMGET', KEYS[1], 'status', 'owner')
if not record[1] or settled(record[1]) then return 0 end
if ARGV[3] ~= '' and record[2] ~= ARGV[3] then return 0 end
redis.call('HSET', KEYS[1], 'status', ARGV[4], 'endedAt', ARGV[5], 'expiresAt', ARGV[5] + ARGV[6], unpack(ARGV, 10))
redis.call('HDEL', KEYS[1], 'owner', 'lost', 'safe', 'checkpoints', 'reached')
redis.call('PEXPIRE', KEYS[1], ARGV[6])
if ARGV[4] == 'failed' then
  redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', ARGV[5] - ARGV[6])
  redis.call('ZADD', KEYS[3], ARGV[5], ARGV[2])
end
redis.call('HINCRBY', KEYS[2], 'pictures', 0 - ARGV[7])
redis.call('HINCRBY', KEYS[2], 'fullSteps', 0 - ARGV[8])
redis.call('HINCRBY', KEYS[2], 'shortcutSteps', 0 - ARGV[9])
redis.call('PUBLISH', ARGV[1], ARGV[2])
return 1`,
  },
  /** KEYS record failed · ARGV id ttlMs → 1 when a failed one waits again as if it had never begun, else 0. */
  reviveRecord: {
    numberOfKeys: 2,
    lua: `if redis.call('HGET', KEYS[1], 'status') ~= 'failed' then return 0 end
redis.call('HSET', KEYS[1], 'status', 'queued', 'step', 0)
redis.call('HDEL', KEYS[1], 'error', 'startedAt', 'endedAt', 'expiresAt', 'startBy', 'cancel', 'losses', 'failures', 'repeated')
redis.call('PEXPIRE', KEYS[1], ARGV[2])
redis.call('ZREM', KEYS[2], ARGV[1])
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
