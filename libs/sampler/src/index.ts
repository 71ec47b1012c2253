export { RecentFirstSteps } from './first-steps.js';
export { generateOne } from './generate-one.js';
export type { Features, Model, ModelRunner, Row, RowOutput, RunResult } from './model-runner.js';
export { relativeError } from './relative-error.js';
export { Scheduler, type RunLimits } from './scheduler.js';
export { PlanCrashed, StepEngine } from './step-engine.js';
export { describePlan, type StepPlan } from './step-plan.js';
export { Trajectory, type TrajectoryRequest } from './trajectory.js';
export { PLAN_KINDS, type PlanKind, type Shape, type Turn } from './turn.js';
