import { loadConfig, openLogger } from '@slipstream/server-kit';
import { startWorker } from './worker.js';
import { workerConfig } from './worker-config.js';

const config = loadConfig(workerConfig);
const logger = openLogger({ service: 'worker', level: config.LOG_LEVEL });

startWorker(config, logger).catch((error: unknown) => {
  process.stderr.write(`the worker cannot start: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
