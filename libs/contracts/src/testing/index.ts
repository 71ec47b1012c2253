export { classManifest, exampleManifest } from './example-manifest.js';
