import type { Features, Model, ModelRunner, Row, RowOutput, RunResult } from '../model-runner.js';
import type { StepPlan } from '../step-plan.js';
import { shapeOf, type PlanKind, type Turn } from '../turn.js';

export const TINY_MODEL: Model = {
  imageTokens: 16,
  gridWidth: 4,
  gridHeight: 4,
  mask: 100,
  promptLength: 4,
  pad: 0,
  positions: 20,
  channels: 2,
  layers: 1,
  newTokenBuckets: [2, 4, 16],
  maskedBuckets: [8, 16],
  selectedBuckets: [4, 8, 20],
  schedule: 'arccos',
  guidanceRamp: 'linear',
  confidenceTemperature: 4,
};

/** Seconds of one row's run; a branch or position less costs as much. */
const SECONDS: Record<PlanKind, number> = { full: 0.016, head: 0.0005, shortcut: 0.001, anchored: 0.001, tail: 0.001, partial: 0.008, student: 0.008, decode: 0.004 };

/**
 * A model that is a handful of arithmetic: every input of a row reaches its tokens, so a row that was given a mate's
 * input, or a step's input twice, makes another picture. Refuses plans that break the port's contract.
 */
export class FakeModelRunner implements ModelRunner {
  /** Each run so far, for tests that look at the batches. */
  readonly plans: StepPlan[] = [];

  constructor(
    readonly model: Model = TINY_MODEL,
    private readonly beforeRun: (plan: StepPlan) => void | Promise<void> = () => undefined,
  ) {}

  async run(plan: StepPlan): Promise<RunResult> {
    await this.beforeRun(plan);
    for (const row of plan.rows) requireContract(plan, row, this.model);
    this.plans.push({ ...plan, rows: plan.rows.map(({ turn }) => ({ turn }) as Row) });
    return { seconds: plan.rows.length * SECONDS[plan.kind], rows: plan.rows.map((row) => outputOf(row, this.model)) };
  }
}

function outputOf(row: Row, model: Model): RowOutput {
  const { turn } = row;
  if (turn.kind === 'decode') return { pixels: Uint8Array.from(turn.tokens ?? row.tokens) };
  if (turn.kind === 'student') return { nextTokens: student(turn, row, model) };
  const made = featuresOf(turn, row, model);
  const guided = guide(made.features!, row.guidance, model);
  const { nextTokens, ranks } = reveal(row, guided, model);
  if (turn.kind === 'head' || turn.kind === 'tail' || turn.kind === 'anchored') return { nextTokens };
  return turn.kind === 'partial' ? { ...made, nextTokens, ranks } : { ...made, nextTokens };
}

function featuresOf(turn: Exclude<Turn, { kind: 'decode' | 'student' }>, row: Row, model: Model): RowOutput {
  switch (turn.kind) {
    case 'full': {
      const features = concat(turn.prompts.map((prompt) => branch(prompt, row.tokens, model)));
      return { features, residual: features.map((value) => value / 2) };
    }
    case 'head':
      return { features: turn.features };
    case 'shortcut':
      return { features: stir(turn.features, news(turn.news, row) + 7 * row.maskRatio), velocity: 0.1 + turn.news.length / 100 };
    case 'anchored':
      return { features: stir(turn.features, news(placesOf(turn.revealed, model), row) + 7 * row.maskRatio + 3 * turn.anchorMaskRatio) };
    case 'tail': {
      const stem = concat(turn.prompts.map((prompt) => branch(prompt, row.tokens, model)));
      return { features: stem.map((value, at) => value / 2 + turn.residual[at]!) };
    }
    case 'partial':
      return partial(turn, row, model);
  }
}

/** Selected positions anew from the prompt, the tokens and the mean of the cache; the others as they were. */
function partial({ prompts, features, cache, selected }: Extract<Turn, { kind: 'partial' }>, row: Row, model: Model): RowOutput {
  const [made, kept] = [features.slice(), cache.slice()];
  const { positions, channels } = model;
  prompts.forEach((prompt, at) => {
    const fresh = branch(prompt, row.tokens, model);
    const all = selected[at]!.length === positions;
    const context = all ? 0 : cache.reduce((total, value) => total + value, 0) / cache.length;
    for (const position of selected[at]!) {
      for (let channel = 0; channel < channels; channel++) {
        const value = Math.fround(fresh[position * channels + channel]! + context);
        made[(at * positions + position) * channels + channel] = value;
        kept[(at * positions + position) * 2 * channels + channel] = value;
      }
    }
  });
  const maxLogits = Float32Array.from({ length: prompts.length * positions }, (_, at) => made[at * channels]!);
  return { features: made, cache: kept, maxLogits };
}

/** (positions, channels) of one branch. */
function branch(prompt: Int32Array, tokens: Int32Array, { channels }: Model): Features {
  const ids = [...prompt, ...tokens];
  const word = prompt.reduce((total, id, at) => total + id * (at + 1), 0);
  return Float32Array.from({ length: ids.length * channels }, (_, at) => Math.sin(ids[Math.floor(at / channels)]! * 1.7 + word * 0.3 + at));
}

const concat = (parts: Float32Array[]): Float32Array => Float32Array.from(parts.flatMap((part) => [...part]));
const stir = (features: Features, by: number): Features => features.map((value, at) => Math.sin(value * 1.7 + by * 0.3 + at));
const placesOf = (revealed: Int32Array, { mask }: Model): number[] => [...revealed.keys()].filter((at) => revealed[at] !== mask);
const news = (positions: readonly number[], { tokens }: Row): number => positions.reduce((total, position) => total + (position + 1) * tokens[position]!, 0);

/** (imageTokens): one guided number for each position of the picture. */
function guide(features: Features, guidance: number, { promptLength, positions, channels, imageTokens }: Model): Float32Array {
  const last = (features.length / channels / positions - 1) * positions;
  return Float32Array.from({ length: imageTokens }, (_, token) => {
    const [own, other] = [features[(promptLength + token) * channels]!, features[(last + promptLength + token) * channels]!];
    return own + guidance * (own - other);
  });
}

function reveal(row: Row, guided: Float32Array, model: Model): { nextTokens: Int32Array; ranks: Int32Array } {
  const { maskedPositions: positions } = row;
  const [draw, noise] = [new Float32Array(positions.length), new Float32Array(positions.length)];
  row.fillUniforms('token', positions, draw);
  row.fillUniforms('confidence', positions, noise);
  const confidence = (i: number): number => guided[positions[i]!]! + row.confidenceNoise * noise[i]!;
  const masked = [...positions.keys()].filter((i) => row.tokens[positions[i]!] === model.mask);
  const sorted = masked.sort((a, b) => confidence(b) - confidence(a) || a - b);
  const nextTokens = row.tokens.slice();
  for (const i of sorted.slice(0, row.revealCount)) {
    const value = draw[i]! / row.temperature + guided[positions[i]!]! + 12;
    nextTokens[positions[i]!] = Math.abs(Math.floor(value * 1000)) % model.mask;
  }
  return { nextTokens, ranks: Int32Array.from(positions, (_, i) => (sorted.includes(i) ? sorted.indexOf(i) : positions.length)) };
}

function student({ prompts, start, embedNoise, noiseShare }: Extract<Turn, { kind: 'student' }>, row: Row, model: Model): Int32Array {
  const positions = Int32Array.from(start, (_, position) => position);
  const draw = new Float32Array(start.length);
  row.fillUniforms('token', positions, draw);
  const word = prompts[0]!.reduce((total, id, at) => total + id * (at + 1), 0);
  return start.map((token, at) => Math.abs(Math.floor(token + word + (draw[at]! + noiseShare * embedNoise[at]!) * row.temperature * 50)) % model.mask);
}

function requireContract({ kind, rows, shape }: StepPlan, row: Row, model: Model): void {
  const masked = row.tokens.filter((token) => token === model.mask).length;
  if (rows.length === 0) throw new Error('a plan without rows');
  if (row.turn.kind !== kind) throw new Error(`a row that wants a ${row.turn.kind} run in a ${kind} run`);
  if (kind === 'decode') return;
  if (Math.abs(row.maskRatio - masked / model.imageTokens) > 1e-9) throw new Error('the mask ratio is not of these tokens');
  if (JSON.stringify(shapeOf(row.turn, masked, model)) !== JSON.stringify(shape)) throw new Error('a row of another shape');
  if (row.turn.kind === 'anchored') requireRevealed(row.turn.revealed, row, model);
  if ('news' in row.turn && row.turn.news.length === 0) throw new Error('a shortcut step without new tokens');
  if (kind === 'student') return;
  const listed = new Set(row.maskedPositions);
  if (row.maskedPositions.length !== shape.masked || listed.size !== shape.masked) throw new Error('the masked positions do not fill their bucket');
  if (row.tokens.some((token, position) => token === model.mask && !listed.has(position))) throw new Error('a masked position was left out');
}

function requireRevealed(revealed: Int32Array, { tokens }: Row, model: Model): void {
  const places = placesOf(revealed, model);
  if (places.length === 0) throw new Error('an anchored step without new tokens');
  if (places.some((at) => revealed[at] !== tokens[at])) throw new Error("revealed tokens that are not the row's");
}
