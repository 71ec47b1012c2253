import { randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterEach, beforeEach } from 'vitest';
import type { GenerationJob, Provenance } from '@slipstream/contracts';
import { GenerationConsumer, GenerationQueue, type ConsumerOptions, type GenerationResult, type JobReport } from '@slipstream/queue';
import { eventually } from '../harness/index.js';

/** Producer and consumers on a prefix of their own, closed together. */
export interface QueuePair {
  readonly redisUrl: string;
  readonly prefix: string;
  readonly queue: GenerationQueue;
  readonly reports: JobReport[];
  /** Starts one more consumer. */
  consume(process: ConsumerOptions['process'], options?: Partial<ConsumerOptions>): GenerationConsumer;
  close(): Promise<void>;
}

export function openPair({ redisUrl = process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6379', recordTtlSeconds = 60, prefix = `test-queue-${randomBytes(6).toString('hex')}` } = {}): QueuePair {
  const shared = { redisUrl, prefix, recordTtlSeconds };
  const queue = new GenerationQueue(shared);
  const consumers: GenerationConsumer[] = [];
  const reports: JobReport[] = [];
  return {
    redisUrl,
    prefix: shared.prefix,
    queue,
    reports,
    consume(process, options = {}) {
      const consumer = new GenerationConsumer({ ...shared, bundle: 'digest', concurrency: 4, process, onReport: (report) => reports.push(report), ...options });
      consumers.push(consumer);
      return consumer;
    },
    async close() {
      await Promise.all(consumers.map((consumer) => consumer.close({ deadlineMs: 0 })));
      await queue.close();
    },
  };
}

/** A pair, and a connection to look into its Redis. */
export type ConnectedPair = Omit<QueuePair, 'close'> & { readonly redis: Redis };

/** Registers the hooks that open one, whose Redis has answered, before each test of a file or `describe` and close it after that. */
export function pairOfEach(): ConnectedPair {
  let pair: QueuePair;
  let redis: Redis;
  beforeEach(async () => {
    pair = openPair();
    redis = new Redis(pair.redisUrl);
    await eventually(() => pair.queue.check().then(() => true), { what: 'Redis answers' });
  });
  afterEach(() => pair.close().finally(() => redis.disconnect()));
  return {
    get redisUrl() { return pair.redisUrl; },
    get prefix() { return pair.prefix; },
    get queue() { return pair.queue; },
    get reports() { return pair.reports; },
    get redis() { return redis; },
    consume: (process, options) => pair.consume(process, options),
  };
}

/** What a processor returns for a job, without any engine. */
export function resultOf({ id, settings }: GenerationJob): GenerationResult {
  const provenance: Provenance = {
    bundle: 'digest', seed: settings.seed, strategy: settings.strategy, steps: settings.steps, full_steps: settings.budget,
    shortcut_steps: settings.steps - settings.budget, partial_steps: 0, cache: { anchors: 0, result: 'off' }, seconds: { queued: 0, engine: 0.1 },
    speedup: { value: 2, baseline: 'vanilla', measured: true },
  };
  return { pictures: [{ key: `pictures/${id}/0.png`, seed: settings.seed, contentType: 'image/png', bytes: 10 }], provenance };
}

/** Rejects with the signal's reason once it aborts, as an engine does with a row. */
export function untilStopped(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
