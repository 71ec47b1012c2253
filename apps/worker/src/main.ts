import { loadConfig, openLogger } from '@slipstream/server-kit';
import { startWorker } from './worker.js';
import { workerConfig } from './worker-config.js';

const config = loadConfig(workerConfig);
const logger = openLogger({ service: 'worker', level: config.LOG_LEVEL });

startWorker(config, logger).catch((error: unknown) => {
  logger.fatal({ err: error }, error instanceof Error ? error.message : 'the worker could not start');
  process.exit(1);
});
