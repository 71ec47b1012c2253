export { MemoryObjectStore } from './memory-object-store.js';
export { objectStoreSuite, type ObjectStoreSuiteOptions } from './object-store-suite.js';
