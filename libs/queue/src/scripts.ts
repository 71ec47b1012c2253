import { ledger } from './ledger-script.js';
import { join } from './line-script.js';

/**
 * The owner lets go, KEYS ledger record → 'cancelled' | 'left'. It waits again, and its record is kept as long as that may take;
 * or it was asked to stop meanwhile: then this is its end, for there may be no worker that would come to claim it. What it
 * counts in the ledger stays unless it ends: it is in BullMQ already.
 */
const back = `
local function back(status, cancel, id, ttlMs, keepMs, channel)
  redis.call('HDEL', KEYS[9], 'owner')
  if cancel and not settled(status) then
    settle(KEYS[9], id, 'cancelled', clock(), tonumber(ttlMs), channel)
    return 'cancelled'
  end
  if status == 'in_progress' then
    redis.call('HSET', KEYS[9], 'status', 'queued')
    redis.call('ZADD', KEYS[1], clock() + ttlMs, id)
    redis.call('PEXPIRE', KEYS[9], keepMs)
  end
  return 'left'
end
`;

/**
 * The transitions of a record, each one atomic. A record is a hash: job, status, step, createdAt, startedAt, endedAt,
 * expiresAt, startBy, cancel, pictures, provenance, error; and of its runs: owner, who has it in work; losses, how many
 * owners vanished over it; lost, the last of these; safe, an owner whose end would not be its fault; failures, how often it
 * was tried in vain; checkpoints, reached, stepMap and repeated; and what admission knows: tenant, work, n, fullSteps, shortcutSteps,
 * and taken once it went to BullMQ. Settled = completed, failed, cancelled or expired: it never changes again, unless an
 * operator retries it.
 * A record is queued exactly while its id is in `waiting`.
 *
 * A command whose answer was lost with its connection is sent again, so each script does nothing the second time: an owner
 * is a name that is given once, and whoever is not the owner changes nothing.
 */
export const scripts = {
  /**
   * KEYS ledger record lock · ARGV now owner lock's token, most losses, id keepMs progressChannel → {'run', job, checkpoints, reached, losses} |
   * {'cancel'|'expired'|'given_up', job} | {'settled'|'missing'|'taken'}. An owner who never left was lost.
   */
  claimRecord: {
    numberOfKeys: 10,
    lua: `${ledger}
local record = redis.call('HMGET', KEYS[9], 'status', 'cancel', 'startBy', 'job', 'startedAt', 'owner', 'checkpoints', 'reached', 'losses', 'safe')
if not record[1] then return {'missing'} end
if settled(record[1]) then return {'settled'} end
if redis.call('GET', KEYS[10]) ~= ARGV[3] then return {'taken'} end
redis.call('ZREM', KEYS[1], ARGV[5])
if record[2] then return {'cancel', record[4]} end
if not record[5] and record[3] and tonumber(record[3]) <= clock() then return {'expired', record[4]} end
local losses = tonumber(record[9] or 0)
if record[6] and record[6] ~= ARGV[2] and record[6] ~= record[10] then
  losses = losses + 1
  redis.call('HSET', KEYS[9], 'losses', losses, 'lost', record[6])
end
redis.call('HSET', KEYS[9], 'status', 'in_progress', 'owner', ARGV[2])
redis.call('HSETNX', KEYS[9], 'startedAt', ARGV[1])
redis.call('PEXPIRE', KEYS[9], ARGV[6])
redis.call('PUBLISH', ARGV[7], ARGV[5])
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
  /** KEYS record · ARGV owner step reached stepMap progressChannel id [checkpoints] → 'run' while work should go on, else 'cancelled' or 'lost'. */
  progressRecord: {
    numberOfKeys: 1,
    lua: `${ledger}
local record = redis.call('HMGET', KEYS[1], 'status', 'cancel', 'owner')
if record[3] ~= ARGV[1] or settled(record[1]) then return 'lost' end
if record[2] then return 'cancelled' end
redis.call('HSET', KEYS[1], 'step', ARGV[2], 'reached', ARGV[3], 'stepMap', ARGV[4])
if ARGV[7] then redis.call('HSET', KEYS[1], 'checkpoints', ARGV[7]) end
redis.call('PUBLISH', ARGV[5], ARGV[6])
return 'run'`,
  },
  /** KEYS record previews · ARGV owner index step bytes keepMs progressChannel id masked · each has a rank of its own, the later the higher. */
  showPreview: {
    numberOfKeys: 2,
    lua: `if redis.call('HGET', KEYS[1], 'owner') ~= ARGV[1] then return 0 end
local rank = redis.call('HINCRBY', KEYS[2], 'rank', 1)
redis.call('HSET', KEYS[2], ARGV[2], ARGV[3] .. ' ' .. rank, ARGV[2] .. ':bytes', ARGV[4], ARGV[2] .. ':masked', ARGV[8])
redis.call('PEXPIRE', KEYS[2], ARGV[5])
redis.call('PUBLISH', ARGV[6], ARGV[7])
return 1`,
  },
  /**
   * KEYS ledger record · ARGV owner id ttlMs keepMs channel → 'cancelled' | 'left' · the owner leaves of its own will: back to
   * waiting, for another worker. One that was taken for lost and is not takes the blame off the job.
   */
  releaseRecord: {
    numberOfKeys: 9,
    lua: `${ledger}${back}local record = redis.call('HMGET', KEYS[9], 'status', 'owner', 'lost', 'cancel')
if record[2] == ARGV[1] then return back(record[1], record[4], ARGV[2], ARGV[3], ARGV[4], ARGV[5]) end
if record[3] == ARGV[1] then
  redis.call('HINCRBY', KEYS[9], 'losses', -1)
  redis.call('HDEL', KEYS[9], 'lost')
end
return 'left'`,
  },
  /** KEYS ledger record · ARGV owner most id ttlMs keepMs channel → {'left', failures by now}, and back to waiting while there are fewer than most; {'cancelled'}; {'lost'} for another's. */
  failRecord: {
    numberOfKeys: 9,
    lua: `${ledger}${back}local record = redis.call('HMGET', KEYS[9], 'status', 'owner', 'failures', 'cancel')
if record[2] ~= ARGV[1] then return {'lost'} end
local failures = tonumber(record[3] or 0) + 1
if failures >= tonumber(ARGV[2]) then return {'left', failures} end
redis.call('HSET', KEYS[9], 'failures', failures)
return {back(record[1], record[4], ARGV[3], ARGV[4], ARGV[5], ARGV[6]), failures}`,
  },
  /**
   * KEYS ledger record failed · ARGV id owner or '' status now ttlMs channel [field value]… → 1 the first time, else 0; and
   * 0 when there is another owner than the one named.
   */
  settleRecord: {
    numberOfKeys: 10,
    lua: `${ledger}
local record = redis.call('HMGET', KEYS[9], 'status', 'owner')
if not record[1] or settled(record[1]) then return 0 end
if ARGV[2] ~= '' and record[2] ~= ARGV[2] then return 0 end
if #ARGV > 6 then redis.call('HSET', KEYS[9], unpack(ARGV, 7)) end
settle(KEYS[9], ARGV[1], ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5]), ARGV[6])
if ARGV[3] == 'failed' then
  redis.call('ZREMRANGEBYSCORE', KEYS[10], '-inf', ARGV[4] - ARGV[5])
  redis.call('ZADD', KEYS[10], ARGV[4], ARGV[1])
end
return 1`,
  },
  /** KEYS ledger record failed line lane lanes level · ARGV id waitMs keepMs laneName → 1 when a failed one waits in line again as if it had never begun, else 0. */
  reviveRecord: {
    numberOfKeys: 14,
    lua: `${ledger}${join}
if redis.call('HGET', KEYS[9], 'status') ~= 'failed' then return 0 end
redis.call('HSET', KEYS[9], 'status', 'queued', 'step', 0)
redis.call('HDEL', KEYS[9], 'error', 'startedAt', 'endedAt', 'expiresAt', 'startBy', 'cancel', 'losses', 'failures', 'repeated', 'taken', 'stepMap')
redis.call('PEXPIRE', KEYS[9], ARGV[3])
redis.call('ZREM', KEYS[10], ARGV[1])
local job = redis.call('HMGET', KEYS[9], 'tenant', 'n', 'fullSteps', 'shortcutSteps')
join(ARGV[1], clock() + ARGV[2], ARGV[4], job[1], job[2], job[3], job[4])
return 1`,
  },
  /**
   * KEYS ledger record lock cancelling · ARGV id now ttlMs settledChannel cancelledChannel → the status before, or nil where
   * there is no such record. What no worker holds is cancelled here and now; of the others `cancelling` keeps the ids.
   */
  cancelRecord: {
    numberOfKeys: 11,
    lua: `${ledger}
local status = redis.call('HGET', KEYS[9], 'status')
if not status or settled(status) then return status end
redis.call('HSET', KEYS[9], 'cancel', 1)
if status == 'queued' or redis.call('EXISTS', KEYS[10]) == 0 then
  settle(KEYS[9], ARGV[1], 'cancelled', tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4])
else
  redis.call('HSET', KEYS[9], 'status', 'cancelling')
  redis.call('ZADD', KEYS[11], 'NX', clock(), ARGV[1])
  redis.call('PUBLISH', ARGV[5], ARGV[1])
end
return status`,
  },
  /** KEYS ledger cancelling · ARGV recordPrefix bullPrefix ttlMs channel most → ids that were to be cancelled and whose worker is gone with its lock, ended by this. */
  cancelForsaken: {
    numberOfKeys: 9,
    lua: `${ledger}
local ids = {}
for _, id in ipairs(redis.call('ZRANGE', KEYS[9], 0, ARGV[5] - 1)) do
  local record = ARGV[1] .. id
  local ending = redis.call('HGET', record, 'status') == 'cancelling'
  if ending and redis.call('EXISTS', ARGV[2] .. id .. ':lock') == 0 then
    settle(record, id, 'cancelled', clock(), tonumber(ARGV[3]), ARGV[4])
    ids[#ids + 1] = id
    ending = false
  end
  if not ending then redis.call('ZREM', KEYS[9], id) end
end
return ids`,
  },
  /** KEYS record previews failed · ARGV id generationsPrefix → 'deleted', 'unsettled', or 'missing'. Only what has settled can go. */
  deleteRecord: {
    numberOfKeys: 3,
    lua: `${ledger}
local record = redis.call('HMGET', KEYS[1], 'status', 'tenant')
if not record[1] then return 'missing' end
if not settled(record[1]) then return 'unsettled' end
redis.call('DEL', KEYS[1], KEYS[2])
redis.call('ZREM', KEYS[3], ARGV[1])
redis.call('ZREM', ARGV[2] .. record[2], ARGV[1])
return 'deleted'`,
  },
  /** KEYS ledger · ARGV recordPrefix ttlMs channel most → ids whose time to start has passed, expired by this; none of them was taken by a worker. */
  expireWaiting: {
    numberOfKeys: 8,
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
