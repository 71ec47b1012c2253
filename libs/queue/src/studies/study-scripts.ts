import { once } from '../idempotency.js';

/** What changes studies and their votes, each one atomic; done twice, because an answer was lost, each does nothing the second time. */
export const studyScripts = {
  /** KEYS studies idempotency · ARGV id study most · fingerprint keyTtlMs → an addition. */
  addStudy: {
    numberOfKeys: 2,
    lua: `${once}local before = madeBefore(KEYS[2], ARGV[4], ARGV[1], function(id) return redis.call('HEXISTS', KEYS[1], id) == 1 end)
if before then return before end
if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 1 then return {'added'} end
if redis.call('HLEN', KEYS[1]) >= tonumber(ARGV[3]) then return {'full', 'studies'} end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
remember(KEYS[2], ARGV[4], ARGV[1], ARGV[5])
return {'added'}`,
  },
  /**
   * KEYS studies votes tally ballot · ARGV study pair vote candidate pairField wanted → 'counted', 'voted' (this pair has a vote), 'full'
   * (this candidate has all of its votes) or 'missing' (no such ballot, or study).
   */
  castVote: {
    numberOfKeys: 4,
    lua: `if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 0 then return 'missing' end
local before = redis.call('HGET', KEYS[2], ARGV[2])
if before then return before == ARGV[3] and 'counted' or 'voted' end
if redis.call('EXISTS', KEYS[4]) == 0 then return 'missing' end
if tonumber(redis.call('HGET', KEYS[3], ARGV[4]) or 0) >= tonumber(ARGV[6]) then return 'full' end
redis.call('HSET', KEYS[2], ARGV[2], ARGV[3])
redis.call('HINCRBY', KEYS[3], ARGV[4], 1)
redis.call('HINCRBY', KEYS[3], ARGV[5], 1)
return 'counted'`,
  },
  /** KEYS studies votes tally · ARGV study → 1 where there was one. */
  removeStudy: {
    numberOfKeys: 3,
    lua: `redis.call('DEL', KEYS[2], KEYS[3])
return redis.call('HDEL', KEYS[1], ARGV[1])`,
  },
} as const;

export type StudyCommands = Readonly<Record<keyof typeof studyScripts, (...args: (string | number)[]) => Promise<unknown>>>;
