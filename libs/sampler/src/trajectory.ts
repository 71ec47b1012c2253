import { invalid } from './invalid.js';
import type { Features, Model, Row } from './model-runner.js';
import { revealCounts } from './schedule.js';
import type { PlanKind } from './step-plan.js';
import { STRATEGIES, type StepKind, type StrategyName } from './strategy.js';
import { philoxUniforms, type Purpose, type UniformSource } from './uniforms.js';

/** One picture to make, everything resolved. */
export interface TrajectoryRequest {
  /** Prompt ids, (promptLength). */
  readonly prompt: Int32Array;
  /** 0 … 2^53 − 1 */
  readonly seed: number;
  readonly strategy: StrategyName;
  /** 1 ≤ budget ≤ steps ≤ imageTokens */
  readonly steps: number;
  readonly budget: number;
  /** Classifier-free guidance w of (1 + w) · conditional − w · unconditional, at its full height. */
  readonly guidance: number;
  /** Divides the logits, above 0. */
  readonly temperature: number;
}

/** What a kind of run has cost a row: how many it took part in, and its share of their seconds. */
export interface Spent {
  runs: number;
  seconds: number;
}

/** One picture being made: its tokens, how far it is, what the next step needs. Knows nothing of its mates. */
export class Trajectory implements Row {
  readonly tokens: Int32Array;
  readonly spent: Record<PlanKind, Spent> = {
    full: { runs: 0, seconds: 0 },
    shortcut: { runs: 0, seconds: 0 },
    decode: { runs: 0, seconds: 0 },
  };
  step = 0;
  newPositions: number[] = [];
  features: Features | undefined;
  pixels: Uint8Array | undefined;
  private masked: number;
  private readonly kinds: readonly StepKind[];
  private readonly counts: readonly number[];

  /** Throws `invalid_request` naming the field when the request does not fit the model. */
  constructor(
    readonly request: TrajectoryRequest,
    readonly model: Model,
    private readonly uniforms: UniformSource = philoxUniforms(request.seed),
  ) {
    requireFit(request, model);
    this.counts = revealCounts(model.schedule, request.steps, model.imageTokens);
    this.kinds = STRATEGIES[request.strategy].kinds(request);
    this.tokens = new Int32Array(model.imageTokens).fill(model.mask);
    this.masked = model.imageTokens;
  }

  get prompt(): Int32Array {
    return this.request.prompt;
  }

  get steps(): number {
    return this.request.steps;
  }

  get finished(): boolean {
    return this.pixels !== undefined;
  }

  /** What this row needs next. */
  get kind(): PlanKind {
    return this.kinds[this.step] ?? 'decode';
  }

  /** The smallest bucket that holds the new tokens: a fact of the row alone. */
  get bucket(): number {
    if (this.kind !== 'shortcut') return 0;
    return this.model.newTokenBuckets.find((size) => size >= this.newPositions.length)!;
  }

  get maskRatio(): number {
    return this.masked / this.model.imageTokens;
  }

  get guidance(): number {
    return this.model.guidanceRamp === 'linear' ? this.request.guidance * this.progress : this.request.guidance;
  }

  get temperature(): number {
    return this.request.temperature;
  }

  get confidenceNoise(): number {
    return this.model.confidenceTemperature * (1 - this.progress);
  }

  get revealCount(): number {
    return this.counts[this.step] ?? 0;
  }

  fillUniforms(purpose: Purpose, out: Float32Array): void {
    this.uniforms({ step: this.step, purpose }, out);
  }

  /** Takes a step's result: the tokens after it and the features for the next one. */
  reveal(nextTokens: Int32Array, features: Features): void {
    this.newPositions = revealedPositions(this.tokens, nextTokens, this.model.mask);
    if (this.newPositions.length !== this.revealCount) {
      throw new Error(`step ${this.step} revealed ${this.newPositions.length} tokens instead of ${this.revealCount}`);
    }
    this.tokens.set(nextTokens);
    this.features = features;
    this.masked -= this.newPositions.length;
    this.step += 1;
  }

  /** Takes the picture; the features are of no further use. */
  finish(pixels: Uint8Array): void {
    this.pixels = pixels;
    this.features = undefined;
  }

  /** 0 at the first step, 1 at the last; the only step of one is the last. */
  private get progress(): number {
    return this.steps === 1 ? 1 : this.step / (this.steps - 1);
  }
}

function revealedPositions(before: Int32Array, after: Int32Array, mask: number): number[] {
  const positions: number[] = [];
  for (let position = 0; position < before.length; position++) {
    if (before[position] === mask && after[position] !== mask) positions.push(position);
  }
  return positions;
}

function requireFit({ prompt, guidance, temperature, strategy }: TrajectoryRequest, model: Model): void {
  if (prompt.length !== model.promptLength) throw invalid('prompt', `${model.promptLength} ids`, prompt.length);
  if (!Number.isFinite(guidance)) throw invalid('guidance', 'a finite number', guidance);
  if (!(temperature > 0 && temperature < Infinity)) throw invalid('temperature', 'a number above 0', temperature);
  if (!Object.hasOwn(STRATEGIES, strategy)) throw invalid('strategy', Object.keys(STRATEGIES).join(' or '), strategy);
}
