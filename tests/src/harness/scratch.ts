import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Redis } from 'ioredis';

/** What one spec has to itself: a key prefix on the shared Redis and a folder for pictures. */
export interface Scratch {
  readonly folder: string;
  /** REDIS_URL, QUEUE_PREFIX, STORAGE_URL, BUNDLE (the tiny one), SIGNING_KEY, small limits for the engine, and neither audits nor scores nor copies of earlier pictures. */
  readonly env: Readonly<Record<string, string>>;
  dispose(): Promise<void>;
}

/** A fresh scratch; `dispose` removes the folder, and what is under the prefix in the shared Redis. */
export async function scratch(name: string): Promise<Scratch> {
  const redisUrl = process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6379';
  const prefix = `test-${name}-${randomBytes(4).toString('hex')}`;
  const folder = await mkdtemp(join(tmpdir(), `slipstream-${name}-`));
  return {
    folder,
    env: {
      REDIS_URL: redisUrl,
      QUEUE_PREFIX: prefix,
      STORAGE_URL: pathToFileURL(join(folder, 'pictures')).href,
      BUNDLE: 'tests/bundles/tiny',
      SIGNING_KEY: randomBytes(32).toString('hex'),
      RESULT_TTL_SECONDS: '600',
      ENGINE_THREADS: '1',
      AUDIT_SHARE: '0',
      SCORE_SHARE: '0',
      CACHE_RESULTS: 'off', // or a spec that makes a picture twice would be handed a copy
      LOG_LEVEL: 'info',
    },
    async dispose() {
      await rm(folder, { recursive: true, force: true });
      await removeKeys(redisUrl, prefix);
    },
  };
}

async function removeKeys(redisUrl: string, prefix: string): Promise<void> {
  const redis = new Redis(redisUrl);
  for await (const keys of redis.scanStream({ match: `${prefix}*`, count: 1_000 })) {
    if ((keys as string[]).length > 0) await redis.unlink(keys as string[]);
  }
  redis.disconnect();
}
