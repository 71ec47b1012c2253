/** Keys, tenants and the audit log change together or not at all. */
export const keyScripts = {
  /**
   * KEYS hash audit · ARGV field before after, '' for none · event most channel → 1, or 0 when the field is not as it was before.
   * Writes, adds to the audit log and tells every gateway; nothing where it is so already, as when this is sent again.
   */
  changeSetting: {
    numberOfKeys: 2,
    lua: `local present = redis.call('HGET', KEYS[1], ARGV[1]) or ''
if present == ARGV[3] then return 1 end
if present ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
redis.call('XADD', KEYS[2], 'MAXLEN', ARGV[5], '*', 'event', ARGV[4])
redis.call('PUBLISH', ARGV[6], ARGV[1])
return 1`,
  },
  /** KEYS keys tenants · ARGV keyId → {key, tenant}, each its JSON or nil. */
  findKey: {
    numberOfKeys: 2,
    lua: `local key = redis.call('HGET', KEYS[1], ARGV[1])
if not key then return {} end
return {key, redis.call('HGET', KEYS[2], cjson.decode(key).tenant)}`,
  },
} as const;
