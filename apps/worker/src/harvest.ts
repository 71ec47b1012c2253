import type { GenerationJob } from '@slipstream/contracts';
import type { WorkerMetrics } from '@slipstream/metrics';
import type { Engine, SampleResult } from '@slipstream/runtime';
import { withDeadline, type Logger } from '@slipstream/server-kit';
import type { ObjectStore } from '@slipstream/storage';
import { shardOf, type HarvestedTrajectory } from '@slipstream/trajectories';
import { drawn } from './drawn.js';
import type { WorkerConfig } from './worker-config.js';

/** Trajectories of one shard, and the most that wait while the store is slow. */
const [shardSize, mostWaiting] = [64, 256];
const [everyMs, writeTimeoutMs] = [60_000, 10_000];

/** A picture that was made and stored. */
export interface Harvestable {
  readonly job: Pick<GenerationJob, 'id' | 'settings'>;
  /** Of its job's. */
  readonly index: number;
  readonly result: Pick<SampleResult, 'promptIds' | 'tokens' | 'revealedAt'>;
}

export interface HarvestParts {
  /** Of all pictures, 0 to 1. */
  readonly share: number;
  /** Digest. */
  readonly bundle: string;
  readonly store: Pick<ObjectStore, 'put'>;
  readonly metrics: Pick<WorkerMetrics, 'harvested'>;
  readonly logger: Pick<Logger, 'warn'>;
  /** How long `close` lets the store take, default 3 s. */
  readonly closeTimeoutMs?: number;
}

/**
 * Keeps a drawn share of the pictures for the trainer, as shards in the object store: a full one at once, the rest once a minute
 * and at the end. Nobody waits for it: what the store does not take in time is dropped and counted. A request with
 * `cache: "off"` leaves nothing, and a picture that began on another worker is not known whole.
 */
export class Harvest {
  private readonly waiting: HarvestedTrajectory[] = [];
  private readonly end = new AbortController();
  private readonly timer = setInterval(() => void this.write(1), everyMs).unref();
  private writing = Promise.resolve();

  constructor(private readonly parts: HarvestParts) {}

  hear({ job: { id, settings }, index, result }: Harvestable): void {
    if (settings.cache === 'off' || result.revealedAt.includes(-1)) return;
    if (!drawn(`${id}/${index}`, { share: this.parts.share, purpose: 'harvest' })) return;
    if (this.waiting.length >= mostWaiting) return this.parts.metrics.harvested.inc({ result: 'dropped' });
    const { strategy, steps, budget, knobs, guidance, temperature } = settings;
    const [prompt, tokens, revealedAt] = [[...result.promptIds], [...result.tokens], [...result.revealedAt]];
    this.waiting.push({ prompt, seed: settings.seed + index, strategy, steps, budget, knobs, guidance, temperature, tokens, revealedAt });
    if (this.waiting.length >= shardSize) void this.write(shardSize);
  }

  /** Writes what waits, or drops it when its time is up. Never rejects. */
  async close(): Promise<void> {
    clearInterval(this.timer);
    setTimeout(() => this.end.abort(new Error('the worker stops')), this.parts.closeTimeoutMs ?? 3_000).unref();
    await this.write(1);
  }

  /** One shard after the other, while at least so many trajectories wait. */
  private write(least: number): Promise<void> {
    return (this.writing = this.writing.then(async () => {
      while (this.waiting.length >= least) await this.put(this.waiting.splice(0, shardSize));
    }));
  }

  private async put(trajectories: readonly HarvestedTrajectory[]): Promise<void> {
    const { bundle, store, metrics, logger } = this.parts;
    const { key, bytes } = shardOf(bundle, trajectories);
    await withDeadline(this.end.signal, writeTimeoutMs, (signal) => store.put(key, bytes, { contentType: 'application/jsonl', signal })).then(
      () => metrics.harvested.inc({ result: 'written' }, trajectories.length),
      (error: unknown) => {
        metrics.harvested.inc({ result: 'dropped' }, trajectories.length);
        logger.warn({ err: error, trajectories: trajectories.length }, 'harvested trajectories were dropped: the object store did not take them');
      },
    );
  }
}

/** undefined where HARVEST_SHARE is 0; otherwise the log says what is kept, and where. */
export function openHarvest(
  { HARVEST_SHARE: share }: Pick<WorkerConfig, 'HARVEST_SHARE'>,
  { engine: { digest: bundle }, logger, store, metrics }: { engine: Pick<Engine, 'digest'>; store: ObjectStore; metrics: WorkerMetrics; logger: Logger },
): Harvest | undefined {
  if (share === 0) return undefined;
  logger.info({ share, storage: `${store.address}/harvest/${bundle}` }, 'a share of the pictures is kept for training, prompts included');
  return new Harvest({ share, bundle, store, metrics, logger });
}
