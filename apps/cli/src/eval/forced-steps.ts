import type { OpenRunner } from '@slipstream/runtime';
import { extrapolate, revealedSince, Trajectory, type Features, type Row, type RowOutput, type Turn } from '@slipstream/sampler';
import { compareDistributions, compareVectors, guidedAt, type Comparison } from './guided.js';

/** How far a prediction is from the full step that it stands for, means over trajectories and starting steps. */
export interface GapError extends Comparison {
  readonly method: PredictionMethod;
  /** Steps since the last full one. */
  readonly gap: number;
}

export const predictionMethods = ['reuse', 'taylorseer', 'shortcut', 'anchored'] as const;
export type PredictionMethod = (typeof predictionMethods)[number];

/** One full step of a recorded trajectory. */
interface Recorded {
  readonly tokens: Int32Array;
  readonly maskRatio: number;
  readonly features: Features;
  readonly residual: Float32Array;
  readonly row: Shaped;
  readonly prompts: readonly Int32Array[];
}

export interface ForcedOptions {
  readonly prompts: readonly Int32Array[];
  readonly steps: number;
  readonly guidance: number;
  readonly temperature: number;
  readonly gaps: readonly number[];
  readonly methods: readonly PredictionMethod[];
}

/**
 * Predictions along trajectories whose every step was full (teacher-forced: the tokens are the base's own). Drift of free
 * running is not in them. The runner must be this thread's, its bundle must hold `logits`.
 */
export async function forcedErrors(runner: OpenRunner, options: ForcedOptions): Promise<GapError[]> {
  const found: GapError[] = [];
  const trajectories: Recorded[][] = [];
  for (const [i, prompt] of options.prompts.entries()) trajectories.push(await record(runner, { ...options, prompt, seed: i + 1 }));
  const kinds = options.methods.flatMap((method) => options.gaps.map((gap) => ({ method, gap })));
  for (const kind of kinds) {
    const errors: Comparison[] = [];
    for (const each of trajectories.flatMap((steps) => startsOf(steps, kind.gap))) errors.push(await errorOf(runner, { ...each, ...kind }));
    if (errors.length > 0) found.push({ ...kind, ...meanOf(errors) });
  }
  return found;
}

/** Where a prediction over the gap may start in a trajectory: every second step, or further apart. */
function startsOf(steps: readonly Recorded[], gap: number): { steps: readonly Recorded[]; start: number }[] {
  const last = steps.length - gap - 1;
  return Array.from({ length: Math.max(0, Math.floor(last / Math.max(2, gap)) + 1) }, (_, i) => ({ steps, start: i * Math.max(2, gap) }));
}

async function record(runner: OpenRunner, { prompt, seed, steps, guidance, temperature }: ForcedOptions & { prompt: Int32Array; seed: number }): Promise<Recorded[]> {
  const row = new Trajectory({ prompt, seed, strategy: 'shortcut', steps, budget: steps, guidance, temperature }, runner.model);
  const recorded: Recorded[] = [];
  while (row.turn.kind === 'full') {
    const { prompts } = row.turn;
    const input = { tokens: row.tokens.slice(), maskRatio: row.maskRatio, row: frozen(row), prompts };
    const output = await run(runner, { ...input.row, turn: { kind: 'full', prompts, residual: true } });
    recorded.push({ ...input, features: output.features!, residual: output.residual! });
    row.take(output);
  }
  return recorded;
}

interface Case {
  readonly steps: readonly Recorded[];
  readonly start: number;
  readonly gap: number;
  readonly method: PredictionMethod;
}

/** Over masked positions, after guidance: what the step samples from. */
async function errorOf(runner: OpenRunner, { steps, start, gap, method }: Case): Promise<Comparison> {
  const { tokens, features, row } = steps[start + gap]!;
  const places = [...tokens.keys()].filter((at) => tokens[at] === runner.model.mask);
  const truth = guidedAt(places, { features, guidance: row.guidance, model: runner.model });
  const predicted = await predict(runner, { steps, start, gap, method }, places);
  const uniforms = new Float32Array(places.length);
  row.fillUniforms('token', Int32Array.from(places), uniforms);
  const [mine, theirs] = [await runner.logits(predicted), await runner.logits(truth)];
  return { ...compareVectors(predicted, truth), ...compareDistributions(mine, theirs, { uniforms, temperature: row.temperature }) };
}

/** Guided features at the places, (places, channels). */
async function predict(runner: OpenRunner, { steps, start, gap, method }: Case, places: readonly number[]): Promise<Float32Array> {
  const [anchor, to] = [steps[start]!, steps[start + gap]!];
  const guided = (features: Features): Float32Array => guidedAt(places, { features, guidance: to.row.guidance, model: runner.model });
  switch (method) {
    case 'reuse':
      return guided(anchor.features);
    case 'taylorseer': {
      const known = [start, start - gap].filter((step) => step >= 0).map((step) => ({ step, residual: steps[step]!.residual }));
      const turn: Turn = { kind: 'tail', prompts: to.prompts, residual: extrapolate(known, start + gap), inspected: true };
      return guided((await run(runner, withTurn(to.row, turn, runner))).features!);
    }
    case 'anchored': {
      const revealed = revealedSince(anchor.tokens, { tokens: to.tokens, model: runner.model });
      const turn: Turn = { kind: 'anchored', features: anchor.features, anchorMaskRatio: anchor.maskRatio, revealed, inspected: true };
      return (await run(runner, withTurn(to.row, turn, runner))).guided!.subarray(0, places.length * runner.model.channels);
    }
    case 'shortcut':
      return guided(await shortcuts(runner, steps, { start, gap }));
  }
}

/** One shortcut after the other, along the base's own tokens. */
async function shortcuts(runner: OpenRunner, steps: readonly Recorded[], { start, gap }: Pick<Case, 'start' | 'gap'>): Promise<Features> {
  const newsOf = (from: Recorded, to: Recorded) => [...to.tokens.keys()].filter((at) => from.tokens[at] !== to.tokens[at]);
  let { features } = steps[start]!;
  for (let step = start + 1; step <= start + gap; step += 1) {
    const turn: Turn = { kind: 'shortcut', features, news: newsOf(steps[step - 1]!, steps[step]!) };
    features = (await run(runner, withTurn(steps[step]!.row, turn, runner))).features!;
  }
  return features;
}

type Shaped = Row & Pick<Trajectory, 'shape'>;

async function run(runner: OpenRunner, row: Shaped): Promise<RowOutput> {
  return (await runner.run({ kind: row.turn.kind, shape: row.shape, rows: [row] })).rows[0]!;
}

/** The row as it is now: a trajectory moves on. */
function frozen(row: Trajectory): Shaped {
  const { turn, shape, maskRatio, guidance, temperature, confidenceNoise, revealCount, step, uniforms, prompts } = row;
  return {
    tokens: row.tokens.slice(), prompts, turn, shape, maskedPositions: row.maskedPositions.slice(), maskRatio, guidance, temperature, confidenceNoise, revealCount,
    fillUniforms: (purpose, positions, out) => uniforms({ step, purpose }, positions, out),
  };
}

function withTurn(row: Shaped, turn: Turn, { model: { newTokenBuckets } }: OpenRunner): Shaped {
  const places = 'news' in turn ? newTokenBuckets.find((size) => size >= turn.news.length)! : 0;
  return { ...row, turn, shape: { branches: row.shape.branches, masked: row.maskedPositions.length, places } };
}

function meanOf(errors: readonly Comparison[]): Comparison {
  const mean = (key: keyof Comparison) => errors.reduce((total, error) => total + error[key], 0) / errors.length;
  return { relativeError: mean('relativeError'), cosine: mean('cosine'), divergence: mean('divergence'), coupledAgreement: mean('coupledAgreement'), topAgreement: mean('topAgreement') };
}
