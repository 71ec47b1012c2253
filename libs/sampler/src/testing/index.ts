export { FakeAnchors, type FakeAnchorsOptions } from './fake-anchors.js';
export { FakeModelRunner, TINY_MODEL } from './fake-model-runner.js';
export { describeModelRunner } from './model-runner-suite.js';
