import { SlipstreamError, stepLetters, strategyTable, type Checkpoint, type Knobs, type StrategyName } from '@slipstream/contracts';
import type { Anchors } from './anchors.js';
import { invalid } from './invalid.js';
import type { Model, Row, RowOutput } from './model-runner.js';
import { newSince, type Memo, type Place, type Progress } from './progress.js';
import { Previews } from './previews.js';
import { revealCounts } from './schedule.js';
import { STRATEGIES, type Answer, type Course, type Recall } from './strategy.js';
import { bucketFor, PLAN_KINDS, shapeOf, stepKind, type PlanKind, type Shape, type Turn } from './turn.js';
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
  /** The strategy's own; those left out are 0 or have no effect. */
  readonly knobs?: Partial<Knobs>;
  /** Classifier-free guidance w of conditional + w · (conditional − unconditional), at its full height. */
  readonly guidance: number;
  /** Divides the logits, above 0. */
  readonly temperature: number;
  /** `off`: no anchor is looked up or kept, every step is computed. Default on, where the engine has a memory. */
  readonly cache?: 'on' | 'off' | undefined;
  /** How many previews are made on the way; default none. They change no byte of the picture. */
  readonly previews?: number | undefined;
}

/** What a kind of run has cost a row: how many it took part in, and its share of their seconds. */
export interface Spent {
  runs: number;
  seconds: number;
}

interface TrajectoryOptions {
  readonly uniforms?: UniformSource | undefined;
  readonly anchors?: Pick<Anchors, 'scope' | 'nameOf' | 'set'> | undefined;
  /** Where to go on. One that is not of this request and model is left aside. */
  readonly from?: Checkpoint | undefined;
}

/** Far above any log-probability: with it the order decides alone. */
const ORDER_SCALE = 1e6;

const DECODE: Turn = { kind: 'decode' };

/** One picture being made: its tokens, how far it is, what it wants to run next. Knows nothing of its mates. */
export class Trajectory implements Row, Progress {
  readonly tokens: Int32Array;
  /** (imageTokens): the step, 0 the first, that revealed each token; −1 where it is masked, or was revealed in a life before. */
  readonly revealedAt: Int32Array;
  readonly spent = Object.fromEntries(PLAN_KINDS.map((kind) => [kind, { runs: 0, seconds: 0 }])) as Record<PlanKind, Spent>;
  readonly revealCounts: readonly number[];
  readonly prompts: readonly Int32Array[];
  readonly uniforms: UniformSource;
  step = 0;
  /** What each step done so far was sampled from. */
  stepMap = '';
  newPositions: readonly number[] = [];
  /** Steps that were done in a life before. */
  stepsBefore = 0;
  /** Branches of full steps that were recalled instead of computed. */
  remembered = 0;
  /** The anchors that it waits for; while it does, it stands before no run, and its turn means nothing. */
  recalling: readonly string[] | undefined;
  pixels: Uint8Array | undefined;
  /** The latest that this row has passed, were it here or in the life before. */
  lastCheckpoint: Checkpoint | undefined;
  /** Why this picture will never be finished. */
  failure: SlipstreamError | undefined;
  turn: Turn = DECODE;
  shape!: Shape;
  maskedPositions!: Int32Array;
  readonly previews: Previews | undefined;
  private masked: number;
  private readonly course: Course;
  private readonly known: TrajectoryOptions['anchors'];

  /** Throws `invalid_request` naming the field when the request does not fit the model. */
  constructor(
    readonly request: TrajectoryRequest,
    readonly model: Model,
    { uniforms = philoxUniforms(request.seed), anchors, from }: TrajectoryOptions = {},
  ) {
    requireFit(request, model);
    this.revealCounts = revealCounts(model.schedule, request.steps, model.imageTokens);
    this.tokens = new Int32Array(model.imageTokens).fill(model.mask);
    this.revealedAt = new Int32Array(model.imageTokens).fill(-1);
    this.masked = model.imageTokens;
    const unconditional = new Int32Array(model.promptLength).fill(model.pad);
    unconditional.set(model.unconditional ?? []);
    this.prompts = request.guidance === 0 ? [request.prompt] : [request.prompt, unconditional];
    this.uniforms = uniforms;
    this.previews = request.previews ? new Previews(request.previews, request.steps) : undefined;
    this.known = request.cache === 'off' ? undefined : anchors;
    if (from && isPlaceOf(this, from)) this.goOn(from);
    this.course = STRATEGIES[request.strategy].course(this, this.lastCheckpoint?.memo);
    this.proceed(this.course.next().value);
  }

  get anchors(): TrajectoryOptions['anchors'] {
    return this.known?.scope === 'first' && this.step > 0 ? undefined : this.known;
  }

  get steps(): number {
    return this.request.steps;
  }

  get budget(): number {
    return this.request.budget;
  }

  get knobs(): Partial<Knobs> {
    return this.request.knobs ?? {};
  }

  get kind(): PlanKind {
    return this.turn.kind;
  }

  /** True when nothing is left to run. */
  get settled(): boolean {
    return this.pixels !== undefined || this.failure !== undefined;
  }

  /** A 1 for each token that is still masked, a 0 for each that is revealed, in the order of the grid. */
  get maskMap(): string {
    return Array.from(this.tokens, (token) => (token === this.model.mask ? '1' : '0')).join('');
  }

  get maskRatio(): number {
    return this.masked / this.model.imageTokens;
  }

  get scheduled(): Progress['scheduled'] {
    const { guidance, temperature } = this.request;
    return { guidance: this.model.guidanceRamp === 'linear' ? guidance * this.progress : guidance, fullGuidance: guidance, temperature };
  }

  get guidance(): number {
    return this.choice.guidance ?? this.scheduled.guidance;
  }

  get temperature(): number {
    return this.choice.temperature ?? this.request.temperature;
  }

  get confidenceNoise(): number {
    if (this.choice.order) return ORDER_SCALE;
    const { confidenceTemperature, confidenceRamp } = this.model;
    return confidenceRamp === 'constant' ? confidenceTemperature : confidenceTemperature * (1 - this.progress);
  }

  get revealCount(): number {
    return this.choice.revealCount ?? this.revealCounts[this.step] ?? 0;
  }

  /** An order rides on the confidence noise: numbers that fall along it, scaled to where no confidence reaches. */
  fillUniforms(purpose: Purpose, positions: Int32Array, out: Float32Array): void {
    const { order } = this.choice;
    if (purpose !== 'confidence' || order === undefined) return this.uniforms({ step: this.step, purpose }, positions, out);
    const places = new Map(order.map((position, place) => [position, place]));
    positions.forEach((position, i) => (out[i] = 1 - ((places.get(position) ?? order.length) + 0.5) / (order.length + 1)));
  }

  /** Takes what became of the anchors that it waited for. */
  recalled(recalled: NonNullable<Answer['recalled']>): void {
    this.remembered += recalled.filter((features) => features !== undefined).length;
    this.proceed(this.course.next({ recalled }).value);
  }

  here(): Place {
    return { step: this.step, tokens: [...this.tokens], stepMap: this.stepMap };
  }

  checkpoint(memo?: Memo, place = this.here()): void {
    if (place.step > 0) this.lastCheckpoint = { ...place, ...(memo && { memo }) };
  }

  /** Takes what a run gave this row and asks the strategy for the next; a step that went wrong is the row's failure. */
  take(output: RowOutput): void {
    const next = this.previews?.after(this.turn, output, this.step);
    if (next) return this.stand(next);
    if (this.turn.kind === 'decode') {
      this.pixels = output.pixels!;
      return;
    }
    if (output.features && !Number.isFinite(output.features.at(-1))) this.failure = misstep(this);
    else if (this.turn.reveals !== false) this.reveal(output.nextTokens!);
    if (this.failure) return;
    this.proceed(this.course.next(output).value);
  }

  private proceed(wish: Turn | Recall | void): void {
    const next = wish ?? DECODE;
    this.recalling = next.kind === 'recall' ? next.names : undefined;
    if (next.kind === 'recall') return;
    this.stand(this.previews?.before(next, { step: this.step, maskedCount: this.masked }) ?? next);
  }

  private stand(turn: Turn): void {
    this.turn = turn;
    this.prepare();
  }

  private goOn(from: Checkpoint): void {
    this.lastCheckpoint = from;
    this.step = this.stepsBefore = from.step;
    this.tokens.set(from.tokens);
    this.stepMap = from.stepMap;
    this.masked = maskedIn(from.tokens, this.model);
  }

  private reveal(nextTokens: Int32Array): void {
    const before = this.tokens.slice();
    const due = this.revealCount;
    this.tokens.set(nextTokens);
    this.newPositions = newSince(before, this);
    if (this.newPositions.length !== due) {
      this.failure = misstep(this, due);
      return;
    }
    this.masked -= due;
    for (const position of this.newPositions) this.revealedAt[position] = this.step;
    this.stepMap += stepLetters[stepKind(this.turn, this.model)];
    this.step += 1;
  }

  private prepare(): void {
    this.shape = shapeOf(this.turn, this.masked, this.model);
    this.maskedPositions = this.shape.masked === 0 ? new Int32Array() : this.listMasked(bucketFor(this.masked, this.model.maskedBuckets));
  }

  private listMasked(bucket: number): Int32Array {
    const { mask } = this.model;
    const masked: number[] = [];
    const revealed: number[] = [];
    for (let position = 0; position < this.tokens.length; position++) (this.tokens[position] === mask ? masked : revealed).push(position);
    return Int32Array.from([...masked, ...revealed].slice(0, bucket));
  }

  private get choice() {
    return (this.turn.kind !== 'decode' && this.turn.sampling) || {};
  }

  /** 0 at the first step, 1 at the last; the only step of one is the last. */
  private get progress(): number {
    return this.steps === 1 ? 1 : this.step / (this.steps - 1);
  }
}

/** Whether the row could have been there: the model's tokens, as many as it has, and one left for each step to come. */
function isPlaceOf({ model, steps }: Trajectory, { step, tokens, stepMap }: Checkpoint): boolean {
  const left = maskedIn(tokens, model);
  return tokens.length === model.imageTokens && tokens.every((token) => token >= 0 && token <= model.mask)
    && step < steps && stepMap.length === step && left >= steps - step && left < model.imageTokens;
}

const maskedIn = (tokens: readonly number[], { mask }: Model): number => tokens.filter((token) => token === mask).length;

/** Numbers that are not finite show in the features, or in the number of tokens revealed. */
function misstep({ step, turn, newPositions }: Trajectory, due?: number): SlipstreamError {
  const revealed = due === undefined ? '' : ` revealed ${newPositions.length} tokens instead of ${due}:`;
  return new SlipstreamError('engine_failed', `step ${step}, a ${turn.kind} run,${revealed || ' failed:'} its features are not finite numbers`, { remedy: 'use another strategy; the bundle cannot serve this one' });
}

function requireFit({ prompt, guidance, temperature, strategy, steps }: TrajectoryRequest, model: Model): void {
  if (prompt.length !== model.promptLength) throw invalid('prompt', `${model.promptLength} ids`, prompt.length);
  if (!Number.isFinite(guidance)) throw invalid('guidance', 'a finite number', guidance);
  if (!(temperature > 0 && temperature < Infinity)) throw invalid('temperature', 'a number above 0', temperature);
  if (!Object.hasOwn(STRATEGIES, strategy)) throw invalid('strategy', Object.keys(STRATEGIES).join(' or '), strategy);
  if (strategyTable[strategy].oneStep && steps !== 1) throw invalid('steps', `1 under ${strategy}`, steps);
}
