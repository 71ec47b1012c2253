export { openGatewayMetrics, openWorkerMetrics, type BacklogReading, type EngineReading, type FallbackReading, type GatewayMetrics, type Scrape, type WorkerMetrics } from './open-metrics.js';
