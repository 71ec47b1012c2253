export { distance, distinctCount, nearest, type Neighbour } from './nearest.js';
export { bootstrapMean, share, type BootstrapOptions, type Estimate, type Interval } from './interval.js';
export { noiseFloor, pairedDifference } from './paired.js';
export { spread, type Spread } from './spread.js';
