export { exampleManifest } from './example-manifest.js';
