export type {
  Engine,
  EngineOptions,
  EngineStats,
  ExecutionProvider,
  SampleRequest,
  SampleResult,
  Speedup,
  StepProgress,
  StepReport,
  SubmitOptions,
} from './engine.js';
export { openEngine } from './open-engine.js';
