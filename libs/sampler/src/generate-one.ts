import type { Model, ModelRunner, Row } from './model-runner.js';
import { revealCounts } from './schedule.js';
import { STRATEGIES } from './strategy.js';
import type { TrajectoryRequest } from './trajectory.js';
import { philoxUniforms, type UniformSource } from './uniforms.js';

export interface OnePicture {
  readonly pixels: Uint8Array;
  /** Tokens after each step; the last are the picture's. */
  readonly tokensByStep: Int32Array[];
}

/**
 * The slow reference: one picture, one row a run, the sampling loop written out as the paper has it. Shares only the
 * published formulas with the engine, which must give the same bytes in any batch.
 */
export async function generateOne(
  runner: ModelRunner,
  request: TrajectoryRequest,
  uniforms: UniformSource = philoxUniforms(request.seed),
): Promise<OnePicture> {
  const { model } = runner;
  const counts = revealCounts(model.schedule, request.steps, model.imageTokens);
  const kinds = STRATEGIES[request.strategy].kinds(request);
  const tokensByStep: Int32Array[] = [];
  let row = blankRow(model, request);
  for (const [step, kind] of kinds.entries()) {
    const progress = request.steps === 1 ? 1 : step / (request.steps - 1);
    row = {
      ...row,
      maskRatio: row.tokens.filter((token) => token === model.mask).length / model.imageTokens,
      guidance: model.guidanceRamp === 'linear' ? request.guidance * progress : request.guidance,
      confidenceNoise: model.confidenceTemperature * (1 - progress),
      revealCount: counts[step]!,
      fillUniforms: (purpose, out) => uniforms({ step, purpose }, out),
    };
    const bucket = kind === 'full' ? 0 : model.newTokenBuckets.find((size) => size >= row.newPositions.length)!;
    const result = await runner.run({ kind, rows: [row], bucket });
    if ('pixels' in result) throw new Error(`the runner answered a ${kind} step with pixels`);
    const tokens = result.nextTokens[0]!;
    const before = row.tokens;
    const newPositions = [...tokens.keys()].filter((position) => before[position] !== tokens[position]);
    row = { ...row, tokens, features: result.features[0], newPositions };
    tokensByStep.push(tokens);
  }
  const decoded = await runner.run({ kind: 'decode', rows: [row], bucket: 0 });
  if (!('pixels' in decoded)) throw new Error('the runner answered a decode without pixels');
  return { pixels: decoded.pixels[0]!, tokensByStep };
}

function blankRow(model: Model, { prompt, guidance, temperature }: TrajectoryRequest): Row {
  const tokens = new Int32Array(model.imageTokens).fill(model.mask);
  const still = { maskRatio: 1, confidenceNoise: 0, revealCount: 0, newPositions: [], features: undefined };
  return { prompt, tokens, guidance, temperature, ...still, fillUniforms: () => undefined };
}
