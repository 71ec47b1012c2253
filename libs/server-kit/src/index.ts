export { countKey, loadConfig, numberKey, parseConfig, portKey, redisUrlKey, secondsKey, serverConfig, storageUrlKey } from './config.js';
export { Health, type HealthOptions } from './health.js';
export { HealthController } from './health.controller.js';
export { currentLogIds, openLogger, withLogIds, type Logger } from './log.js';
export { openServer, type ServerOptions } from './open-server.js';
export { problemOf, toDomainError } from './problem.js';
export { runUntilSignal, type RunOptions } from './run-until-signal.js';
export { withDeadline } from './with-deadline.js';
