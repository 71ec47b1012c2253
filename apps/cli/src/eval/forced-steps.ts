import { cosine } from '@slipstream/quality';
import { relativeError, Trajectory, type Features, type Model, type ModelRunner, type Row, type RowOutput, type Turn } from '@slipstream/sampler';

/** How far a prediction is from the full step that it stands for, means over trajectories and starting steps. */
export interface GapError {
  readonly method: 'reuse' | 'shortcut' | 'anchored';
  /** Steps since the features that it starts from. */
  readonly gap: number;
  /** ‖predicted − true‖ ÷ ‖true‖ and the cosine between both, over masked positions and both branches. */
  readonly relativeError: number;
  readonly cosine: number;
  /** Share of masked positions with the same token under the same uniforms, and the same most probable token. */
  readonly coupledAgreement: number;
  readonly topAgreement: number;
}

/** One full step of a recorded trajectory. */
interface Recorded {
  readonly tokens: Int32Array;
  readonly maskRatio: number;
  readonly features: Features;
  readonly row: Row;
}

export interface ForcedOptions {
  readonly prompts: readonly Int32Array[];
  readonly steps: number;
  readonly guidance: number;
  readonly temperature: number;
  readonly gaps: readonly number[];
  readonly methods: readonly GapError['method'][];
}

/**
 * Predictions along trajectories whose every step was full (teacher-forced: the tokens are the base's own). Drift of free
 * running is not in them. The runner must be this thread's.
 */
export async function forcedErrors(runner: ModelRunner, options: ForcedOptions): Promise<GapError[]> {
  const found: GapError[] = [];
  const trajectories: Recorded[][] = [];
  for (const [i, prompt] of options.prompts.entries()) trajectories.push(await record(runner, { ...options, prompt, seed: i + 1 }));
  const kinds = options.methods.flatMap((method) => options.gaps.map((gap) => ({ method, gap })));
  for (const kind of kinds) {
    const errors: Omit<GapError, 'method' | 'gap'>[] = [];
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

async function record(runner: ModelRunner, { prompt, seed, steps, guidance, temperature }: ForcedOptions & { prompt: Int32Array; seed: number }): Promise<Recorded[]> {
  const row = new Trajectory({ prompt, seed, strategy: 'shortcut', steps, budget: steps, guidance, temperature }, runner.model);
  const recorded: Recorded[] = [];
  while (row.kind === 'full') {
    const input = { tokens: row.tokens.slice(), maskRatio: row.maskRatio, row: frozen(row) };
    const output = await run(runner, row);
    recorded.push({ ...input, features: output.features! });
    row.take(output);
  }
  return recorded;
}

interface Case {
  readonly steps: readonly Recorded[];
  readonly start: number;
  readonly gap: number;
  readonly method: GapError['method'];
}

async function errorOf(runner: ModelRunner, { steps, start, gap, method }: Case): Promise<Omit<GapError, 'method' | 'gap'>> {
  const truth = steps[start + gap]!;
  const predicted = await predict(runner, { steps, start, gap, method });
  const [mine, theirs] = [masked(predicted, truth, runner.model), masked(truth.features, truth, runner.model)];
  const agreement = async (temperature?: number) => agreementOf(await sample(runner, truth, predicted, temperature), await sample(runner, truth, truth.features, temperature), truth, runner.model);
  return { relativeError: relativeError(predicted, truth.features, { tokens: truth.tokens, model: runner.model }), cosine: cosine(mine, theirs), coupledAgreement: await agreement(), topAgreement: await agreement(1e-3) };
}

async function predict(runner: ModelRunner, { steps, start, gap, method }: Case): Promise<Features> {
  const anchor = steps[start]!;
  if (method === 'reuse') return anchor.features;
  const newsOf = (from: Recorded, to: Recorded) => [...to.tokens.keys()].filter((at) => from.tokens[at] !== to.tokens[at]);
  if (method === 'anchored') {
    const to = steps[start + gap]!;
    const turn: Turn = { kind: 'anchored', features: anchor.features, anchorMaskRatio: anchor.maskRatio, news: newsOf(anchor, to) };
    return (await run(runner, withTurn(to.row, turn, runner.model))).features!;
  }
  let features = anchor.features;
  for (let step = start + 1; step <= start + gap; step += 1) {
    const turn: Turn = { kind: 'shortcut', features, news: newsOf(steps[step - 1]!, steps[step]!) };
    features = (await run(runner, withTurn(steps[step]!.row, turn, runner.model))).features!;
  }
  return features;
}

/** All masked positions sampled from the features under the step's own uniforms. */
async function sample(runner: ModelRunner, { row, tokens }: Recorded, features: Features, temperature = row.temperature): Promise<Int32Array> {
  const revealCount = tokens.filter((token) => token === runner.model.mask).length;
  const all = { ...withTurn(row, { kind: 'head', features }, runner.model), temperature, revealCount };
  return (await run(runner, all)).nextTokens!;
}

function agreementOf(a: Int32Array, b: Int32Array, { tokens }: Recorded, { mask }: Model): number {
  const places = [...tokens.keys()].filter((at) => tokens[at] === mask);
  return places.filter((at) => a[at] === b[at]).length / places.length;
}

/** Features at the masked positions of every branch, one after the other. */
function masked(features: Features, { tokens }: Recorded, { mask, promptLength, positions, channels }: Model): number[] {
  const branches = features.length / positions / channels;
  const places = [...tokens.keys()].filter((at) => tokens[at] === mask);
  return Array.from({ length: branches }, (_, branch) => places.map((at) => (branch * positions + promptLength + at) * channels))
    .flat()
    .flatMap((from) => [...features.subarray(from, from + channels)]);
}

type Shaped = Row & Pick<Trajectory, 'shape'>;

async function run(runner: ModelRunner, row: Shaped): Promise<RowOutput> {
  return (await runner.run({ kind: row.turn.kind, shape: row.shape, rows: [row] })).rows[0]!;
}

/** The row as it is now: a trajectory moves on. */
function frozen(row: Trajectory): Shaped {
  const { turn, shape, maskRatio, guidance, temperature, confidenceNoise, revealCount, step, uniforms } = row;
  return {
    tokens: row.tokens.slice(), turn, shape, maskedPositions: row.maskedPositions.slice(), maskRatio, guidance, temperature, confidenceNoise, revealCount,
    fillUniforms: (purpose, positions, out) => uniforms({ step, purpose }, positions, out),
  };
}

function withTurn(row: Row, turn: Turn, { newTokenBuckets }: Model): Shaped {
  const places = 'news' in turn ? newTokenBuckets.find((size) => size >= turn.news.length)! : 0;
  return { ...row, turn, shape: { branches: 2, masked: row.maskedPositions.length, places } };
}

function meanOf(errors: readonly Omit<GapError, 'method' | 'gap'>[]): Omit<GapError, 'method' | 'gap'> {
  const mean = (key: keyof (typeof errors)[number]) => errors.reduce((total, error) => total + error[key], 0) / errors.length;
  return { relativeError: mean('relativeError'), cosine: mean('cosine'), coupledAgreement: mean('coupledAgreement'), topAgreement: mean('topAgreement') };
}
