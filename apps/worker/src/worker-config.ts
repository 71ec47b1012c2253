import { availableParallelism } from 'node:os';
import { z } from 'zod';
import { countKey, portKey, serverConfig } from '@slipstream/server-kit';

/** The worker's environment. */
export const workerConfig = serverConfig.extend({
  WORKER_PORT: portKey(8081),
  EXECUTION_PROVIDER: z.enum(['cpu', 'webgpu', 'cuda'], 'must be cpu, webgpu or cuda').default('cpu'),
  ENGINE_THREADS: countKey(availableParallelism(), 1024),
  ENGINE_CAPACITY: countKey(16, 4096),
});

export type WorkerConfig = z.infer<typeof workerConfig>;
