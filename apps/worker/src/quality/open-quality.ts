import type { FallbackReading, WorkerMetrics } from '@slipstream/metrics';
import { QualityBoard } from '@slipstream/queue';
import type { Engine } from '@slipstream/runtime';
import type { Logger } from '@slipstream/server-kit';
import type { WorkerConfig } from '../worker-config.js';
import { Auditor, type AuditorParts } from './auditor.js';
import { fallbackLevels, QualityWatch, type StoredForUser } from './quality-watch.js';
import { ScoreKeeper } from './score-keeper.js';
import { SpareTime } from './spare-time.js';
import type { Bounds } from './verdict.js';

const shareIntervalMs = 10_000;

/** Quality in production, as the worker sees it. */
export interface Quality {
  /** A user's pictures are in hand until the result is called. */
  enter(pictures: number): () => void;
  /** A picture was made and stored. */
  hear(picture: StoredForUser): void;
  readonly fallbacks: FallbackReading;
  /** Leaves the engine alone, and forgets what was not done yet. */
  close(): void;
}

export interface QualityParts {
  readonly engine: Engine;
  readonly metrics: WorkerMetrics;
  readonly logger: Logger;
  readonly onFinding?: AuditorParts['onFinding'];
}

/** Wires audits, fallbacks and scores. Where nothing is audited nothing could recover: then every fallback ends at once. */
export function openQuality(config: WorkerConfig, { engine, metrics, logger, onFinding }: QualityParts): Quality {
  const { manifest, digest, capacity, scorers } = engine;
  const model = manifest.name;
  const board = new QualityBoard({ redisUrl: config.REDIS_URL, prefix: config.QUEUE_PREFIX, bundle: digest });
  const spare = new SpareTime({ capacity });
  const bounds: Bounds = { window: config.AUDIT_WINDOW, minAgreement: config.AUDIT_MIN_AGREEMENT, minScoreDifference: scorers.length > 0 ? config.AUDIT_MIN_SCORE_DIFFERENCE : undefined };
  const fallsBack = config.AUDIT_FALLBACK === 'on' && config.AUDIT_SHARE > 0;
  const auditor = new Auditor({ engine, board, metrics, logger, model, bounds, fallsBack, onFinding });
  const scores = scorers.length > 0 ? new ScoreKeeper({ model, engine, board, metrics, logger }) : undefined;
  const watch = new QualityWatch({ spare, auditor, scores, shares: { audit: config.AUDIT_SHARE, score: config.SCORE_SHARE } });
  const timer = setInterval(() => void scores?.share(), shareIntervalMs).unref();
  if (!fallsBack) board.clear().catch(() => {}); // closed before Redis answered
  else if (bounds.minAgreement === undefined && bounds.minScoreDifference === undefined) logger.warn('audits measure and nothing follows from them: there is no scorer, and AUDIT_MIN_AGREEMENT is not set');
  return {
    enter: (pictures) => spare.enter(pictures),
    hear: (picture) => watch.hear(picture),
    get fallbacks() {
      return fallbackLevels(manifest, board);
    },
    close() {
      clearInterval(timer);
      spare.close();
      board.close();
    },
  };
}
