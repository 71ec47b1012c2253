import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RedisFrameStore } from '@slipstream/queue';
import { frameStoreSuite } from '@slipstream/trajectories/testing';
import { eventually, ownRedis, type OwnRedis } from '../harness/index.js';

const key = 'ab'.repeat(32);
const lease = { leaseMs: 1_000 };
let redis: OwnRedis;
beforeAll(async () => {
  redis = await ownRedis();
  await redis.start();
});
afterAll(() => redis.dispose());

const open = (): RedisFrameStore => new RedisFrameStore({ redisUrl: redis.url, prefix: 'frames', timeoutMs: 2_000, ttlSeconds: 60 });
async function connected(): Promise<RedisFrameStore> {
  const store = open();
  await eventually(() => store.release(key).then(() => true), { what: 'the store is connected' });
  return store;
}

frameStoreSuite('RedisFrameStore', { open: async () => [await connected(), await connected()] });

describe('a RedisFrameStore', () => {
  it('says what keeps a Redis from being a good cache', async () => {
    const fault = await new Promise<string>((resolve) => {
      const store = new RedisFrameStore({ redisUrl: redis.url, prefix: 'frames', timeoutMs: 2_000, ttlSeconds: 60, onFault: (said) => (resolve(said), void store.close()) });
    });
    expect(fault).toContain('maxmemory');
  });

  it('rejects while its Redis is away, and serves again when it is back', async () => {
    const store = await connected();
    await redis.stop();
    await expect(store.claim(key, lease)).rejects.toThrow();
    await redis.start();
    await eventually(async () => (await store.claim(key, lease)) === 'yours', { what: 'the store serves again' });
    await store.close();
  });
});
