export { openGatewayMetrics, openWorkerMetrics, type BacklogReading, type EngineReading, type GatewayMetrics, type Scrape, type WorkerMetrics } from './open-metrics.js';
