import { GenerationQueue } from '@slipstream/queue';
import { eventually } from '../harness/index.js';

/** The gateway's side of a worker's queue, connected. */
export async function openQueue(env: Readonly<Record<string, string>>): Promise<GenerationQueue> {
  const queue = new GenerationQueue({ redisUrl: env['REDIS_URL']!, prefix: env['QUEUE_PREFIX']!, recordTtlSeconds: 600 });
  await eventually(() => queue.check().then(() => true), { what: 'Redis answers' });
  return queue;
}
