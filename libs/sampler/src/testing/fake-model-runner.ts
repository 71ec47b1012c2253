import type { Features, Model, ModelRunner, Row, RunResult } from '../model-runner.js';
import type { StepPlan } from '../step-plan.js';

export const TINY_MODEL: Model = {
  imageTokens: 16,
  mask: 100,
  promptLength: 4,
  newTokenBuckets: [2, 4, 16],
  schedule: 'arccos',
  guidanceRamp: 'linear',
  confidenceTemperature: 4,
};

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
    this.plans.push(plan);
    const seconds = plan.rows.length * { full: 0.016, shortcut: 0.001, decode: 0.004 }[plan.kind];
    if (plan.kind === 'decode') return { seconds, pixels: plan.rows.map((row) => Uint8Array.from(row.tokens)) };
    const features = plan.rows.map((row) => nextFeatures(plan, row));
    return { seconds, features, nextTokens: plan.rows.map((row, i) => reveal(row, features[i]!, this.model)) };
  }
}

/** (imageTokens): what the row knows, stirred into one number a position. */
function nextFeatures({ kind }: StepPlan, row: Row): Features {
  const memory = kind === 'full' ? row.tokens : row.features!;
  const news = row.newPositions.reduce((total, position) => total + (position + 1) * row.tokens[position]!, 0);
  const stir = row.prompt.reduce((total, id) => total + id, news + 7 * row.maskRatio);
  return Float32Array.from(memory, (value, position) => Math.fround(Math.sin(value * 1.7 + stir * 0.3 + position)));
}

function reveal(row: Row, features: Features, model: Model): Int32Array {
  const draw = { token: new Float32Array(model.imageTokens), confidence: new Float32Array(model.imageTokens) };
  row.fillUniforms('token', draw.token);
  row.fillUniforms('confidence', draw.confidence);
  const confidence = (at: number): number => features[at]! * row.guidance + row.confidenceNoise * draw.confidence[at]!;
  const masked = [...row.tokens.keys()].filter((position) => row.tokens[position] === model.mask);
  const chosen = masked.sort((a, b) => confidence(b) - confidence(a) || a - b).slice(0, row.revealCount);
  const tokens = row.tokens.slice();
  for (const position of chosen) {
    const value = draw.token[position]! / row.temperature + features[position]! + 2;
    tokens[position] = Math.floor(value * 1000) % model.mask;
  }
  return tokens;
}

function requireContract({ kind, rows, bucket }: StepPlan, row: Row, model: Model): void {
  const masked = row.tokens.filter((token) => token === model.mask).length;
  if (rows.length === 0) throw new Error('a plan without rows');
  if (kind === 'decode') return;
  if (Math.abs(row.maskRatio - masked / model.imageTokens) > 1e-9) throw new Error('the mask ratio is not of these tokens');
  if (kind === 'full') return;
  if (row.features === undefined) throw new Error('a shortcut step without features');
  if (row.newPositions.length === 0) throw new Error('a shortcut step without new tokens');
  if (!model.newTokenBuckets.includes(bucket)) throw new Error(`no bucket of ${bucket}`);
  if (model.newTokenBuckets.find((size) => size >= row.newPositions.length) !== bucket) {
    throw new Error(`${row.newPositions.length} new tokens do not belong in bucket ${bucket}`);
  }
}
