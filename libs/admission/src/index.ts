export { admit, promiseAtMs, retryAfterSeconds, type Limits, type Refusal, type Standing } from './admit.js';
export { drained, perSecondNow, type DrainRate } from './drain-rate.js';
export { FairQueue, type Waiting } from './fair-queue.js';
export { assumedCosts, drainWindowSeconds, handsPerRow, jobsAhead, laneCharges, workOf } from './policy.js';
export { refilled, secondsUntil, type Bucket } from './token-bucket.js';
