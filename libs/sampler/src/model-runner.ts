import type { Schedule } from './schedule.js';
import type { StepPlan } from './step-plan.js';
import type { Turn } from './turn.js';

/** What the sampler must know of a model; a bundle's manifest says it. */
export interface Model {
  /** Tokens of one picture (T) = gridWidth × gridHeight, row-major. */
  readonly imageTokens: number;
  readonly gridWidth: number;
  readonly gridHeight: number;
  /** The id that means "not yet revealed"; code ids are 0 … mask − 1. */
  readonly mask: number;
  /** Ids of a prompt, padded or truncated (P). All of them `pad` is the empty prompt, the unconditional branch. */
  readonly promptLength: number;
  readonly pad: number;
  /** Ids of the unconditional branch where they are not all `pad`: those before the padding. */
  readonly unconditional?: readonly number[] | undefined;
  /** Where the picture's first token lies in features, default P, and from one line of its grid to the next, default gridWidth. */
  readonly first?: number | undefined;
  readonly lineLength?: number | undefined;
  /** Positions of one branch (L, at least P + T), their width (D), and the layers that keep a key and a value for each. */
  readonly positions: number;
  readonly channels: number;
  readonly layers: number;
  /** Sizes to which new tokens of a shortcut, masked positions and recomputed positions are padded: ascending, ending at T, T and L. */
  readonly newTokenBuckets: readonly number[];
  readonly maskedBuckets: readonly number[];
  readonly selectedBuckets: readonly number[];
  readonly schedule: Schedule;
  readonly guidanceRamp: 'linear' | 'constant';
  /** Scale of the Gumbel noise on the confidence at the first step; by `linear`, the default, it falls to 0 at the last. */
  readonly confidenceTemperature: number;
  readonly confidenceRamp?: 'linear' | 'constant' | undefined;
}

/** Features of one row, (branches, positions, channels): made and read by a runner, carried by a row, written by nobody. */
export type Features = Float32Array;

/** What one row gives one step of the graphs; names as in the bundle's graph signatures. */
export interface Row {
  /** (imageTokens) as they are before the step. */
  readonly tokens: Int32Array;
  /** Prompt ids of its branches, (promptLength) each, the conditional one first. */
  readonly prompts: readonly Int32Array[];
  /** The run it wants and the inputs of that run's own. */
  readonly turn: Turn;
  /** (bucket): distinct; every masked position ascending, then revealed ones as padding. The step samples here alone. */
  readonly maskedPositions: Int32Array;
  /** Share of the tokens still masked at the input of the step, 0 … 1. */
  readonly maskRatio: number;
  readonly guidance: number;
  readonly temperature: number;
  readonly confidenceNoise: number;
  readonly revealCount: number;
  /** Writes this step's uniforms at the positions, each in the open interval (0, 1). */
  fillUniforms(purpose: 'token' | 'confidence', positions: Int32Array, out: Float32Array): void;
}

/** What a run gives one row: every output of its graph. */
export interface RowOutput {
  /** (imageTokens); of every step. */
  readonly nextTokens?: Int32Array;
  /** Of `full`, `shortcut` and `partial`; of `tail` when inspected. */
  readonly features?: Features;
  /** Of `anchored` when inspected: what it samples from at its masked positions, (masked, channels). */
  readonly guided?: Float32Array;
  /** Of `full`, shaped like features: what the layers added to the embeddings. */
  readonly residual?: Float32Array;
  /** Of `shortcut`: how far the features moved at masked positions, relative to where they were. */
  readonly velocity?: number;
  /** Of `partial`: (branches, layers, positions, 2 × channels). */
  readonly cache?: Float32Array;
  /** Of `partial`: the largest logit of each position, (branches, positions). */
  readonly maxLogits?: Float32Array;
  /** Of `partial`: rank of each masked position's confidence, 0 the highest, in the order of `maskedPositions`. */
  readonly ranks?: Int32Array;
  /** Of `decode`: (height, width, 4), RGBA with straight alpha. */
  readonly pixels?: Uint8Array;
}

export interface RunResult {
  readonly seconds: number;
  readonly rows: readonly RowOutput[];
}

/**
 * Runs one plan as one graph run. The contract (held by the suite in `@slipstream/sampler/testing`):
 * - Rows come back in the plan's order, each with the outputs of its graph.
 * - A step reveals exactly `revealCount` masked positions and changes no revealed one; `student` samples them all.
 * - A row's result is bit-identical alone, in any batch, at any place in it, and when repeated; and at guidance 0 with one
 *   branch or with two.
 * - The arrays handed back are the caller's for good: no later run writes to them. The plan's rows are only read.
 * - `seconds` is the time in the graph itself, not the gathering around it.
 * - One run at a time: the next begins after the promise settles. A rejection is fatal to the engine.
 */
export interface ModelRunner {
  readonly model: Model;
  run(plan: StepPlan<Row>): Promise<RunResult>;
}
