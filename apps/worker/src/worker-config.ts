import { availableParallelism } from 'node:os';
import { z } from 'zod';
import { sameRedis } from '@slipstream/queue';
import type { AnchorOptions } from '@slipstream/runtime';
import { countKey, numberKey, portKey, redisUrlKey, secondsKey, serverConfig, storageUrlKey } from '@slipstream/server-kit';

/** The worker's environment. */
export const workerConfig = serverConfig.extend({
  /** A Redis for caches, of its own; without one anchors are shared through CACHE_STORE or not at all. */
  CACHE_REDIS_URL: redisUrlKey.optional(),
  /** An object store behind it. */
  CACHE_STORE: storageUrlKey.optional(),
  CACHE_TTL_SECONDS: secondsKey(86_400, 1),
  /** A lookup in the cache Redis that takes longer has failed. */
  CACHE_TIMEOUT_SECONDS: numberKey(0.1, { min: 0.001, max: 60 }),
  /** fp16 halves the cache and rounds: then whether an anchor was found shows in a picture's bytes. */
  CACHE_ELEMENT: z.enum(['fp32', 'fp16'], 'must be fp32 or fp16').default('fp32'),
  /** Which full steps are kept: those that all pictures of a prompt share, or all. */
  CACHE_ANCHORS: z.enum(['first', 'all'], 'must be first or all').default('first'),
  /** Memory of one engine for anchors; 0 keeps and shares none. */
  CACHE_MEMORY_BYTES: numberKey(64 * 2 ** 20, { min: 0, max: 2 ** 40 }),
  /** A picture that cannot be stored is kept in hand and tried again for so long; then its job's try has failed. */
  STORAGE_PATIENCE_SECONDS: numberKey(60, { min: 0, max: 3_600 }),
  /** Whether a picture that was made before is copied instead of made. */
  CACHE_RESULTS: z.enum(['on', 'off'], 'must be on or off').default('on'),
  /** Share of the pictures whose trajectories, prompts included, are kept for the trainer; 0 keeps none. */
  HARVEST_SHARE: numberKey(0, { min: 0, max: 1 }),
  WORKER_PORT: portKey(8081),
  EXECUTION_PROVIDER: z.enum(['cpu', 'webgpu', 'cuda'], 'must be cpu, webgpu or cuda').default('cpu'),
  ENGINE_THREADS: countKey(availableParallelism(), 1024),
  ENGINE_CAPACITY: countKey(16, 4096),
  /** Share of the accelerated pictures that are made again with every step full, in spare time; 0 audits none. */
  AUDIT_SHARE: numberKey(0.01, { min: 0, max: 1 }),
  /** A verdict is made of the last so many audits of a setting. */
  AUDIT_WINDOW: countKey(50, 10_000),
  /** Least mean score difference to every step full, in points of 100. */
  AUDIT_MIN_SCORE_DIFFERENCE: numberKey(-5, { min: -200, max: 0 }),
  /** Least mean share of tokens that every step full gives as well. Faithfulness is not quality: nothing by default. */
  AUDIT_MIN_AGREEMENT: numberKey(undefined, { min: 0, max: 1 }),
  /** Whether a setting whose audits are below a bound is made with more full steps. */
  AUDIT_FALLBACK: z.enum(['on', 'off'], 'must be on or off').default('on'),
  /** Share of all pictures that are scored, in spare time. */
  SCORE_SHARE: numberKey(0.01, { min: 0, max: 1 }),
  /** Folders of scorers, comma-separated, or none; by default those that ship, for the bundle that ships. */
  SCORERS: z.string().optional(),
}).refine(({ CACHE_REDIS_URL, REDIS_URL }) => CACHE_REDIS_URL === undefined || !sameRedis(CACHE_REDIS_URL, REDIS_URL), {
  path: ['CACHE_REDIS_URL'],
  message: 'must be another Redis than REDIS_URL: the queue’s must never evict a key, a cache’s must; start a second redis-server with maxmemory and maxmemory-policy allkeys-lfu, or leave it out',
});

/** The bundle that ships, and the scorers for its pictures; the first judges audits. */
const shipped = { bundle: 'bundles/emoji', scorers: ['bundles/scorers/emoji-text', 'bundles/scorers/emoji-classifier'] };

/** The folders of the scorers to open. */
export function scorerDirs({ BUNDLE, SCORERS }: Pick<WorkerConfig, 'BUNDLE' | 'SCORERS'>): string[] {
  if (SCORERS === undefined) return BUNDLE === shipped.bundle ? shipped.scorers : [];
  return SCORERS === 'none' ? [] : SCORERS.split(',').map((folder) => folder.trim()).filter((folder) => folder !== '');
}

/** What the engine keeps of full steps. */
export function anchorOptions({ CACHE_MEMORY_BYTES, CACHE_ANCHORS, CACHE_ELEMENT }: WorkerConfig): AnchorOptions {
  return { memoryBytes: CACHE_MEMORY_BYTES, scope: CACHE_ANCHORS, element: CACHE_ELEMENT };
}

export type WorkerConfig = z.infer<typeof workerConfig>;
