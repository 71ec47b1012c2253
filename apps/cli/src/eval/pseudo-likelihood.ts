import type { OpenRunner } from '@slipstream/runtime';
import { philoxUniforms, type Row } from '@slipstream/sampler';
import { guidedAt, logProbabilities } from './guided.js';

/** Shares of a picture's tokens that are masked and asked for again. */
const SHARES = [0.25, 0.5];

export interface PromptedTokens {
  /** Prompt ids, (promptLength). */
  readonly prompt: Int32Array;
  readonly tokens: Int32Array;
}

/**
 * Mean log-probability of a picture's own tokens under the base, in nats a token: each is hidden among others and asked for
 * given the rest and the prompt, without guidance (Salazar et al. 2020). The same tokens are hidden in every picture of one
 * `index`, whichever arm made it. The bundle must hold `logits`.
 */
export async function pseudoLikelihood(runner: OpenRunner, { prompt, tokens }: PromptedTokens, index: number): Promise<number> {
  const logs: number[] = [];
  for (const [step, share] of SHARES.entries()) {
    const hidden = drawnPlaces(tokens.length, { share, seed: index, step });
    const { features } = (await runner.run({ kind: 'full', ...fullRow(hidden, { prompt, tokens }, runner) })).rows[0]!;
    const logits = await runner.logits(guidedAt(hidden, { features: features!, guidance: 0, model: runner.model }));
    const codes = logits.length / hidden.length;
    hidden.forEach((place, i) => logs.push(logProbabilities(logits.subarray(i * codes, (i + 1) * codes))[tokens[place]!]!));
  }
  return logs.reduce((total, value) => total + value, 0) / logs.length;
}

/** The places with the smallest uniforms, ascending. */
function drawnPlaces(length: number, { share, seed, step }: { share: number; seed: number; step: number }): number[] {
  const places = Int32Array.from({ length }, (_, place) => place);
  const uniforms = new Float32Array(length);
  philoxUniforms(seed)({ step, purpose: 'mask' }, places, uniforms);
  return [...places].sort((a, b) => uniforms[a]! - uniforms[b]! || a - b).slice(0, Math.round(length * share)).sort((a, b) => a - b);
}

function fullRow(hidden: readonly number[], { prompt, tokens }: PromptedTokens, { model }: OpenRunner) {
  const masked = tokens.slice();
  for (const place of hidden) masked[place] = model.mask;
  const row: Row = {
    tokens: masked, prompts: [prompt], turn: { kind: 'full', prompts: [prompt] }, maskedPositions: Int32Array.from(masked.keys()),
    maskRatio: hidden.length / tokens.length, guidance: 0, temperature: 1, confidenceNoise: 0, revealCount: 1,
    fillUniforms: (_purpose, _positions, out) => void out.fill(0.5),
  };
  return { rows: [row], shape: { branches: 1, masked: masked.length, places: 0 } };
}
