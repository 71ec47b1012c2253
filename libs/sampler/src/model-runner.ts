import type { Schedule } from './schedule.js';
import type { StepPlan } from './step-plan.js';

/** What the sampler must know of a model; a bundle's manifest says it. */
export interface Model {
  /** Tokens of one picture (T). */
  readonly imageTokens: number;
  /** The id that means "not yet revealed"; code ids are 0 … mask − 1. */
  readonly mask: number;
  /** Ids of a prompt, padded or truncated (P). */
  readonly promptLength: number;
  /** Sizes to which a shortcut step's new tokens are padded: ascending, the last one is `imageTokens`. */
  readonly newTokenBuckets: readonly number[];
  readonly schedule: Schedule;
  readonly guidanceRamp: 'linear' | 'constant';
  /** Scale of the Gumbel noise on the confidence at the first step; it falls to 0 at the last. */
  readonly confidenceTemperature: number;
}

/** Features of one row, (branches, positions, channels): made and read by a runner, carried by a row, written by nobody. */
export type Features = Float32Array;

/** What one row gives one step of the graphs; names as in the bundle's graph signatures. */
export interface Row {
  /** (promptLength) */
  readonly prompt: Int32Array;
  /** (imageTokens) as they are before the step. */
  readonly tokens: Int32Array;
  /** Of the previous step; undefined before the first. */
  readonly features: Features | undefined;
  /** Positions that the previous step revealed, ascending. */
  readonly newPositions: readonly number[];
  /** Share of the tokens still masked at the input of the step, 0 … 1. */
  readonly maskRatio: number;
  readonly guidance: number;
  readonly temperature: number;
  readonly confidenceNoise: number;
  readonly revealCount: number;
  /** Writes this step's uniforms, (imageTokens), in the open interval (0, 1). */
  fillUniforms(purpose: 'token' | 'confidence', out: Float32Array): void;
}

export type RunResult =
  | { readonly seconds: number; readonly nextTokens: readonly Int32Array[]; readonly features: readonly Features[] }
  | { readonly seconds: number; readonly pixels: readonly Uint8Array[] };

/**
 * Runs one plan as one graph run. The contract (held by the suite in `@slipstream/sampler/testing`):
 * - Rows come back in the plan's order. `full` and `shortcut` give `nextTokens` (imageTokens) and `features`; `decode`
 *   gives `pixels`, (height, width, 4), RGBA with straight alpha.
 * - A step reveals exactly `revealCount` masked positions and changes no revealed one.
 * - A row's result is bit-identical alone, in any batch, at any place in it, and when repeated.
 * - The arrays handed back are the caller's for good: no later run writes to them. The plan's rows are only read.
 * - `seconds` is the time in the graph itself, not the gathering around it.
 * - One run at a time: the next begins after the promise settles. A rejection is fatal to the engine.
 */
export interface ModelRunner {
  readonly model: Model;
  run(plan: StepPlan<Row>): Promise<RunResult>;
}
