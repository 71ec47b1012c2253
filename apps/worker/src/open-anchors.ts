import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import type { WorkerMetrics } from '@slipstream/metrics';
import { RedisFrameStore } from '@slipstream/queue';
import type { Engine } from '@slipstream/runtime';
import type { Logger } from '@slipstream/server-kit';
import { ObjectFrameStore, openStore } from '@slipstream/storage';
import { FleetAnchors, type FrameStore, type TierListener } from '@slipstream/trajectories';
import type { WorkerConfig } from './worker-config.js';

/** An object store may take so many times as long as a Redis. */
const objectPatience = 10;

export interface AnchorParts {
  readonly engine: Pick<Engine, 'manifest' | 'stats' | 'share'>;
  readonly metrics: Pick<WorkerMetrics, 'anchorLookups' | 'anchorFetch' | 'anchorBytes' | 'anchorWrites'>;
  readonly logger: Pick<Logger, 'warn'>;
}

/** Shares the engine's anchors through the tiers that are configured; undefined where none is. */
export function openAnchors(config: WorkerConfig, { engine, metrics, logger }: AnchorParts): FleetAnchors | undefined {
  const stores = openStores(config, logger);
  if (stores.length === 0) return undefined;
  const { branches, positions, channels } = engine.manifest.features;
  const anchors = new FleetAnchors({
    stores,
    form: { element: config.CACHE_ELEMENT, shape: [positions, channels] },
    clock: { now: () => performance.now(), pause },
    computeSeconds: () => engine.stats().rowSeconds.full / branches,
    listener: counting(metrics),
  });
  engine.share(anchors);
  return anchors;
}

function openStores({ CACHE_REDIS_URL, CACHE_STORE, CACHE_TIMEOUT_SECONDS, CACHE_TTL_SECONDS, QUEUE_PREFIX }: WorkerConfig, logger: AnchorParts['logger']): FrameStore[] {
  const timeoutMs = CACHE_TIMEOUT_SECONDS * 1000;
  const stores: FrameStore[] = [];
  if (CACHE_REDIS_URL !== undefined) {
    const onFault = (fault: string): void => logger.warn(`the cache Redis (CACHE_REDIS_URL) ${fault}`);
    stores.push(new RedisFrameStore({ redisUrl: CACHE_REDIS_URL, prefix: QUEUE_PREFIX, timeoutMs, ttlSeconds: CACHE_TTL_SECONDS, onFault }));
  }
  if (CACHE_STORE !== undefined) stores.push(new ObjectFrameStore(openStore(CACHE_STORE), timeoutMs * objectPatience));
  return stores;
}

function counting({ anchorLookups, anchorFetch, anchorBytes, anchorWrites }: AnchorParts['metrics']): TierListener {
  return {
    onLookup({ tier, result, seconds, bytes = 0 }) {
      anchorLookups.inc({ tier, result });
      if (seconds !== undefined) anchorFetch.observe({ tier }, seconds);
      if (bytes > 0) anchorBytes.inc({ tier, direction: 'read' }, bytes);
    },
    onWrite({ tier, result, bytes }) {
      anchorWrites.inc({ tier, result });
      if (result === 'written') anchorBytes.inc({ tier, direction: 'written' }, bytes);
    },
  };
}
