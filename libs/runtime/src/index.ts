export type {
  AnchorOptions,
  Engine,
  EngineOptions,
  EngineStats,
  ExecutionProvider,
  SamplePreview,
  SampleRequest,
  SampleResult,
  SharedAnchors,
  Speedup,
  StepProgress,
  StepReport,
  SubmitOptions,
} from './engine.js';
export { openEngine } from './open-engine.js';
export { loadScorer, openScorer, startScorer, type PictureScore, type Scorer, type ScorerFiles } from './scorer.js';
export { scorePicture, type LoadedScorer, type PromptedPicture, type Score } from './picture-scores.js';
export { measureMachine, type MachineSpeed } from './machine-speed.js';
export { openRunner, type OpenRunner } from './open-runner.js';
export { measureSteps, type FeaturePlace, type MeasureOptions, type StepMeasure } from './measure-steps.js';
