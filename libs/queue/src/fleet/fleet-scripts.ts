import { assumedCosts } from '@slipstream/admission';

export const fleetScripts = {
  /**
   * KEYS workers hourPoint weekPoint backlog costs · ARGV id state hourLifeMs weekLifeMs [name count]… · adds the counts to both points, and to
   * each a sample of the backlog in device-seconds.
   */
  reportFleet: {
    numberOfKeys: 5,
    lua: `redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
local steps = redis.call('HMGET', KEYS[4], 'fullSteps', 'shortcutSteps')
local costs = redis.call('HMGET', KEYS[5], 'fullSeconds', 'shortcutSeconds')
local function cost(kind, count, assumed) return math.max(0, tonumber(steps[count] or 0)) * tonumber(costs[kind] or assumed) end
local backlog = cost(1, 1, ${assumedCosts.fullSeconds}) + cost(2, 2, ${assumedCosts.shortcutSeconds})
for point = 2, 3 do
  redis.call('HINCRBY', KEYS[point], 'samples', 1)
  redis.call('HINCRBYFLOAT', KEYS[point], 'backlogSeconds', string.format('%.6f', backlog))
  for i = 5, #ARGV, 2 do redis.call('HINCRBYFLOAT', KEYS[point], ARGV[i], ARGV[i + 1]) end
  redis.call('PEXPIRE', KEYS[point], ARGV[point + 1])
end
return 1`,
  },
  /** KEYS lane · ARGV linePrefix → ids in the lines of all of its tenants. */
  countLane: {
    numberOfKeys: 1,
    lua: `local count = 0
for _, tenant in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do count = count + redis.call('LLEN', ARGV[1] .. tenant) end
return count`,
  },
} as const;

export type FleetCommands = Readonly<Record<keyof typeof fleetScripts, (...args: (string | number)[]) => Promise<unknown>>>;
