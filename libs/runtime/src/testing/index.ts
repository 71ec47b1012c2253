export { BundleCopy, TINY_BUNDLE } from './bundle-copy.js';
