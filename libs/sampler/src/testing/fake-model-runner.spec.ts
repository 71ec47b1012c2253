import { FakeModelRunner } from './fake-model-runner.js';
import { describeModelRunner } from './model-runner-suite.js';

describeModelRunner('FakeModelRunner', () => Promise.resolve(new FakeModelRunner()));
