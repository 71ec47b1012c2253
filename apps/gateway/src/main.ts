import { loadConfig, openLogger, runUntilSignal } from '@slipstream/server-kit';
import { gatewayConfig } from './configuration.js';
import { openGateway } from './open-gateway.js';

const config = loadConfig(gatewayConfig);
const logger = openLogger({ service: 'gateway', level: config.LOG_LEVEL });
try {
  const { health, drain, close } = await openGateway(config, logger);
  runUntilSignal({ logger, health, drainSeconds: config.DRAIN_SECONDS, drain, close });
} catch (error) {
  process.stderr.write(`the gateway cannot start: ${(error as Error).message}\n`);
  process.exit(1);
}
