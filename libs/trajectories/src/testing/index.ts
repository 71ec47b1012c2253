export { frameStoreSuite, type FrameStoreSuiteOptions } from './frame-store-suite.js';
export { MemoryFrames, MemoryFrameStore } from './memory-frame-store.js';
