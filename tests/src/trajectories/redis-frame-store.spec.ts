import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RedisFrameStore, type RedisFrameStoreOptions } from '@slipstream/queue';
import { frameStoreSuite } from '@slipstream/trajectories/testing';
import { eventually, ownRedis, type OwnRedis } from '../harness/index.js';
import { openSilentRedis } from './silent-redis.js';

const key = 'ab'.repeat(32);
const lease = { leaseMs: 1_000 };
let redis: OwnRedis;
beforeAll(async () => {
  redis = await ownRedis();
  await redis.start();
});
afterAll(() => redis.dispose());

async function connected(changes: Partial<RedisFrameStoreOptions> = {}): Promise<RedisFrameStore> {
  const store = new RedisFrameStore({ redisUrl: redis.url, prefix: 'frames', timeoutMs: 2_000, ttlSeconds: 60, ...changes });
  await eventually(() => store.release(key).then(() => true), { what: 'the store is connected' });
  return store;
}

frameStoreSuite('RedisFrameStore', { open: async () => [await connected(), await connected()] });

describe('a RedisFrameStore', () => {
  it('says what keeps a Redis from being a good cache', async () => {
    const said: string[] = [];
    const store = await connected({ onFault: (fault) => said.push(fault) });
    await eventually(() => said.length > 0, { what: 'the store says so' });
    expect(said[0]).toContain('maxmemory');
    await store.close();
  });

  it('keeps nothing for longer than it was told to', async () => {
    const store = await connected({ ttlSeconds: 1 });
    await store.put('cd'.repeat(32), Buffer.from('frame'));
    await eventually(async () => (await store.claim('cd'.repeat(32), lease)) === 'yours', { what: 'the frame is gone' });
    await store.close();
  });

  it('rejects within its time limit when its Redis falls silent', async () => {
    const silent = await openSilentRedis(redis.url);
    const store = await connected({ redisUrl: silent.url, timeoutMs: 300 });
    silent.silence();
    await expect(store.claim(key, lease)).rejects.toThrow(/timed out/i);
    await store.close();
    await silent.close();
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
