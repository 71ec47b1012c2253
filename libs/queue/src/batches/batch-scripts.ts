import { once } from '../idempotency.js';

const own = `if redis.call('HGET', KEYS[1], 'owner') ~= ARGV[1] then return false end
`;
const renewed = `local time = redis.call('TIME')
redis.call('ZADD', KEYS[2], time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[3], ARGV[2])
`;

/**
 * What changes a batch, each one atomic; done twice, because an answer was lost, it does nothing the second time. A batch is
 * a hash: order, status, a time for each status that it had, total, completed, failed, inputTokens, outputTokens, lines and
 * bytes that are done, faults, outputFile, errorFile; and owner, who drives it. Only the owner goes on with it, and only its
 * tenant cancels it.
 */
export const batchScripts = {
  /** KEYS batch batches open openOf idempotency · ARGV id order createdAt most · fingerprint keyTtlMs batchPrefix → an addition. */
  addBatch: {
    numberOfKeys: 5,
    lua: `${once}local before = madeBefore(KEYS[5], ARGV[5], ARGV[1], function(id) return redis.call('EXISTS', ARGV[7] .. id) == 1 end)
if before then return before end
if redis.call('EXISTS', KEYS[1]) == 1 then return {'added'} end
if redis.call('SCARD', KEYS[4]) >= tonumber(ARGV[4]) then return {'full', 'openBatches'} end
redis.call('HSET', KEYS[1], 'order', ARGV[2], 'status', 'validating')
redis.call('ZADD', KEYS[2], ARGV[3], ARGV[1])
redis.call('ZADD', KEYS[3], 0, ARGV[1])
redis.call('SADD', KEYS[4], ARGV[1])
remember(KEYS[5], ARGV[5], ARGV[1], ARGV[6])
return {'added'}`,
  },
  /** KEYS open · ARGV owner batchPrefix leaseMs → the id of one that nobody drives, from now on the owner's; or nil. */
  takeBatch: {
    numberOfKeys: 1,
    lua: `local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, 10)) do
  if redis.call('EXISTS', ARGV[2] .. id) == 1 then
    redis.call('ZADD', KEYS[1], now + ARGV[3], id)
    redis.call('HSET', ARGV[2] .. id, 'owner', ARGV[1])
    return id
  end
  redis.call('ZREM', KEYS[1], id)
end
return nil`,
  },
  /** KEYS batch open · ARGV owner id leaseMs → {status, whether others wait to be driven}, or nil for another's. */
  renewBatch: {
    numberOfKeys: 2,
    lua: `${own}${renewed}return {redis.call('HGET', KEYS[1], 'status'), redis.call('ZCOUNT', KEYS[2], '-inf', time[1] * 1000)}`,
  },
  /** KEYS batch open · ARGV owner id delayMs · somebody may take it after that. */
  releaseBatch: { numberOfKeys: 2, lua: `${own}${renewed}redis.call('HDEL', KEYS[1], 'owner')
return 1` },
  /** KEYS batch open · ARGV owner id leaseMs from to now [field value]… → the status from then on, or nil for another's. From any other status than `from`, nothing changes. */
  advanceBatch: {
    numberOfKeys: 2,
    lua: `${own}${renewed}local status = redis.call('HGET', KEYS[1], 'status')
if status ~= ARGV[4] then return status end
redis.call('HSET', KEYS[1], 'status', ARGV[5], ARGV[5] .. 'At', ARGV[6], unpack(ARGV, 7))
return ARGV[5]`,
  },
  /** KEYS batch open begun · ARGV owner id leaseMs key · before a part is written: whoever tidies up finds it. */
  beginPart: { numberOfKeys: 3, lua: `${own}${renewed}redis.call('RPUSH', KEYS[3], ARGV[4])
return 1` },
  /** KEYS batch open output error · ARGV owner id leaseMs before lines bytes completed failed inputTokens outputTokens outputKey errorKey → 1, or nil for another's. The lines after the first `before` are done. */
  keepParts: {
    numberOfKeys: 4,
    lua: `${own}${renewed}if tonumber(redis.call('HGET', KEYS[1], 'lines') or 0) ~= tonumber(ARGV[4]) then return 1 end
redis.call('HSET', KEYS[1], 'lines', ARGV[5], 'bytes', ARGV[6])
redis.call('HINCRBY', KEYS[1], 'completed', ARGV[7])
redis.call('HINCRBY', KEYS[1], 'failed', ARGV[8])
redis.call('HINCRBY', KEYS[1], 'inputTokens', ARGV[9])
redis.call('HINCRBY', KEYS[1], 'outputTokens', ARGV[10])
if ARGV[11] ~= '' then redis.call('RPUSH', KEYS[3], ARGV[11]) end
if ARGV[12] ~= '' then redis.call('RPUSH', KEYS[4], ARGV[12]) end
return 1`,
  },
  /** KEYS batch open webhooks outbox openOf · ARGV owner id leaseMs end tenant now [field value]… → 1, or nil for another's. The first end stays. */
  endBatch: {
    numberOfKeys: 5,
    lua: `${own}${renewed}redis.call('SREM', KEYS[5], ARGV[2])
local status = redis.call('HGET', KEYS[1], 'status')
if status == 'completed' or status == 'failed' or status == 'expired' or status == 'cancelled' then return 1 end
redis.call('HSET', KEYS[1], 'status', ARGV[4], ARGV[4] .. 'At', ARGV[6], unpack(ARGV, 7))
if redis.call('EXISTS', KEYS[3]) == 1 then
  redis.call('ZADD', KEYS[4], math.min(tonumber(ARGV[6]), time[1] * 1000), 'batch.' .. ARGV[4] .. ' ' .. ARGV[2] .. ' ' .. ARGV[5] .. ' ' .. ARGV[6])
end
return 1`,
  },
  /** KEYS batch open begun output error · ARGV owner id keepMs · its parts are deleted: nothing is left to do. */
  closeBatch: {
    numberOfKeys: 5,
    lua: `${own}redis.call('ZREM', KEYS[2], ARGV[2])
redis.call('DEL', KEYS[3], KEYS[4], KEYS[5])
redis.call('HDEL', KEYS[1], 'owner')
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1`,
  },
  /** KEYS batch · ARGV now → the status from then on, or nil where there is none. */
  cancelBatch: {
    numberOfKeys: 1,
    lua: `local status = redis.call('HGET', KEYS[1], 'status')
if status == 'validating' or status == 'in_progress' then
  redis.call('HSET', KEYS[1], 'status', 'cancelling', 'cancellingAt', ARGV[1])
  return 'cancelling'
end
return status`,
  },
} as const;

export type BatchCommands = Readonly<Record<keyof typeof batchScripts, (...args: (string | number)[]) => Promise<unknown>>>;
