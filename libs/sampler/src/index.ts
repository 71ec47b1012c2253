export { generateOne } from './generate-one.js';
export type { Model, ModelRunner, Row, RunResult } from './model-runner.js';
export type { RunLimits } from './scheduler.js';
export { PlanCrashed, StepEngine } from './step-engine.js';
export { describePlan, type PlanKind, type StepPlan } from './step-plan.js';
export type { StrategyName } from './strategy.js';
export type { Trajectory, TrajectoryRequest } from './trajectory.js';
