export type { PictureProgress } from './active-job.js';
export type { ConsumerOptions, GenerationResult, JobContext, JobReport, TakeOver } from './consumer-options.js';
export type { Admission, Allowance, Terms } from './door.js';
export { GenerationConsumer } from './generation-consumer.js';
export { GenerationQueue, type QueueOptions } from './generation-queue.js';
export { QualityBoard, type Audit, type BoardOptions, type Fallback } from './quality-board.js';
export type { Backlog, StepCosts } from './record-store.js';
export { redactedRedisUrl } from './redis.js';
