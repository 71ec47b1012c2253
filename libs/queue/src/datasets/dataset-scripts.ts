import type { Redis } from 'ioredis';
import { once } from '../idempotency.js';

/** KEYS dataset datasets openOf idempotency · ARGV id tenant plan createdAtMs most · fingerprint keyTtlMs datasetPrefix faults → an addition. */
const addDataset = `${once}
  local before = madeBefore(KEYS[4], ARGV[6], ARGV[1], function(id) return redis.call('EXISTS', ARGV[8] .. id) == 1 end)
  if before then return before end
  if redis.call('EXISTS', KEYS[1]) == 1 then return {'added'} end
  if redis.call('SCARD', KEYS[3]) >= tonumber(ARGV[5]) then return {'full', 'openDatasets'} end
  redis.call('HSET', KEYS[1], 'id', ARGV[1], 'tenant', ARGV[2], 'plan', ARGV[3], 'createdAtMs', ARGV[4], 'status', 'queued', 'faults', ARGV[9])
  redis.call('ZADD', KEYS[2], ARGV[4], ARGV[1])
  redis.call('SADD', KEYS[3], ARGV[1])
  remember(KEYS[4], ARGV[6], ARGV[1], ARGV[7])
  return {'added'}`;

/** Each shard counts once, whoever finishes it how often; the last one puts the data set into its last stage. */
const finishShard = `
  local status = redis.call('HGET', KEYS[1], 'status')
  if status ~= 'queued' and status ~= 'in_progress' then return status or '' end
  if redis.call('SETBIT', KEYS[2], ARGV[1], 1) == 0 then
    redis.call('HINCRBY', KEYS[1], 'shardsDone', 1)
    redis.call('HINCRBY', KEYS[1], 'samplesDone', ARGV[2])
    redis.call('HINCRBY', KEYS[1], 'fullSteps', ARGV[3])
    redis.call('HINCRBY', KEYS[1], 'branchesRecalled', ARGV[4])
  end
  status = redis.call('HGET', KEYS[1], 'shardsDone') == ARGV[5] and 'finalizing' or 'in_progress'
  redis.call('HSET', KEYS[1], 'status', status)
  return status`;

/**
 * Ends it once: a second ending changes nothing. Where its tenant, whose name makes the third key whole, has webhooks, they are told.
 * KEYS dataset shards webhooks outbox · ARGV status nowMs error ttlSeconds openOfPrefix id.
 */
const endDataset = `
  local status = redis.call('HGET', KEYS[1], 'status')
  if not status or status == 'completed' or status == 'failed' or status == 'cancelled' then return 0 end
  if ARGV[1] == 'completed' and status ~= 'finalizing' then return 0 end
  redis.call('HSET', KEYS[1], 'status', ARGV[1], 'endedAtMs', ARGV[2], 'error', ARGV[3])
  local tenant = redis.call('HGET', KEYS[1], 'tenant')
  redis.call('SREM', ARGV[5] .. tenant, ARGV[6])
  redis.call('EXPIRE', KEYS[1], ARGV[4])
  redis.call('EXPIRE', KEYS[2], ARGV[4])
  if redis.call('EXISTS', KEYS[3] .. tenant) == 1 then
    redis.call('ZADD', KEYS[4], 0, 'dataset.' .. ARGV[1] .. ' ' .. ARGV[6] .. ' ' .. tenant .. ' ' .. ARGV[2])
  end
  return 1`;

/** KEYS dataset shards datasets · ARGV id → 1, or 0 for one that has not ended. What is gone already is no error. */
const removeDataset = `
  local status = redis.call('HGET', KEYS[1], 'status')
  if status and status ~= 'completed' and status ~= 'failed' and status ~= 'cancelled' then return 0 end
  redis.call('DEL', KEYS[1], KEYS[2])
  redis.call('ZREM', KEYS[3], ARGV[1])
  return 1`;

export const datasetScripts = { addDataset: { numberOfKeys: 4, lua: addDataset }, finishShard: { numberOfKeys: 2, lua: finishShard }, endDataset: { numberOfKeys: 4, lua: endDataset }, removeDataset: { numberOfKeys: 3, lua: removeDataset } } as const;

export interface DatasetCommands {
  addDataset(...args: (string | number)[]): Promise<unknown>;
  finishShard(dataset: string, shards: string, shard: number, samples: number, fullSteps: number, branches: number, total: number): Promise<string>;
  endDataset(dataset: string, shards: string, webhooks: string, outbox: string, status: string, nowMs: number, error: string, ttlSeconds: number, openOfPrefix: string, id: string): Promise<0 | 1>;
  removeDataset(dataset: string, shards: string, datasets: string, id: string): Promise<0 | 1>;
}

export function withDatasetScripts(redis: Redis): Redis & DatasetCommands {
  for (const [name, script] of Object.entries(datasetScripts)) redis.defineCommand(name, script);
  return redis as Redis & DatasetCommands;
}
