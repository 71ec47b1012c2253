import { availableParallelism } from 'node:os';
import { z } from 'zod';
import { countKey, numberKey, portKey, serverConfig } from '@slipstream/server-kit';

/** The worker's environment. */
export const workerConfig = serverConfig.extend({
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
});

/** The bundle that ships, and the scorers for its pictures; the first judges audits. */
const shipped = { bundle: 'bundles/emoji', scorers: ['bundles/scorers/emoji-text', 'bundles/scorers/emoji-classifier'] };

/** The folders of the scorers to open. */
export function scorerDirs({ BUNDLE, SCORERS }: Pick<WorkerConfig, 'BUNDLE' | 'SCORERS'>): string[] {
  if (SCORERS === undefined) return BUNDLE === shipped.bundle ? shipped.scorers : [];
  return SCORERS === 'none' ? [] : SCORERS.split(',').map((folder) => folder.trim()).filter((folder) => folder !== '');
}

export type WorkerConfig = z.infer<typeof workerConfig>;
