import { frameStoreSuite } from './frame-store-suite.js';
import { MemoryFrames, MemoryFrameStore } from './memory-frame-store.js';

const frames = new MemoryFrames();
frameStoreSuite('MemoryFrameStore', { open: async () => [new MemoryFrameStore(frames), new MemoryFrameStore(frames)] });
