import { cosine } from '@slipstream/quality';
import { placeOf, type Features, type Model } from '@slipstream/sampler';

/** How a prediction differs from the truth where a step samples. */
export interface Comparison {
  /** ‖predicted − true‖ ÷ ‖true‖ of the guided features, and the cosine between both. */
  readonly relativeError: number;
  readonly cosine: number;
  /** KL(true ‖ predicted) of what a token is drawn from, mean over positions, in nats. */
  readonly divergence: number;
  /** Share of positions with the same token under the same uniforms, and the same most probable token. */
  readonly coupledAgreement: number;
  readonly topAgreement: number;
}

/** Features after guidance, as the graphs have them before the head: (1 + w) conditional − w unconditional, at image positions; (places, channels). */
export function guidedAt(places: readonly number[], { features, guidance, model }: { features: Features; guidance: number; model: Model }): Float32Array {
  const { positions, channels } = model;
  const last = features.length - positions * channels;
  const guided = new Float32Array(places.length * channels);
  places.forEach((place, i) => {
    const from = placeOf(place, model) * channels;
    for (let channel = 0; channel < channels; channel++) {
      const [own, other] = [features[from + channel]!, features[last + from + channel]!];
      guided[i * channels + channel] = own + guidance * (own - other);
    }
  });
  return guided;
}

export function compareVectors(predicted: Float32Array, truth: Float32Array): Pick<Comparison, 'relativeError' | 'cosine'> {
  const difference = predicted.map((value, i) => value - truth[i]!);
  return { relativeError: norm(difference) / norm(truth), cosine: cosine(predicted, truth) };
}

interface Draw {
  /** (places), the step's own. */
  readonly uniforms: Float32Array;
  readonly temperature: number;
}

/** Logits of as many places as there are uniforms, (places, codes) each. */
export function compareDistributions(predicted: Float32Array, truth: Float32Array, { uniforms, temperature }: Draw): Omit<Comparison, 'relativeError' | 'cosine'> {
  const codes = truth.length / uniforms.length;
  const each = Array.from(uniforms, (uniform, i) => {
    const [mine, theirs] = [predicted, truth].map((logits) => logProbabilities(logits.subarray(i * codes, (i + 1) * codes), temperature)) as [Float64Array, Float64Array];
    const divergence = theirs.reduce((total, value, code) => total + Math.exp(value) * (value - mine[code]!), 0);
    return { divergence, coupled: drawn(mine, uniform) === drawn(theirs, uniform), top: drawn(mine, undefined) === drawn(theirs, undefined) };
  });
  const mean = (value: (one: (typeof each)[number]) => number) => each.reduce((total, one) => total + value(one), 0) / each.length;
  return { divergence: mean(({ divergence }) => divergence), coupledAgreement: mean(({ coupled }) => Number(coupled)), topAgreement: mean(({ top }) => Number(top)) };
}

/** Of logits divided by the temperature. */
export function logProbabilities(logits: Float32Array, temperature = 1): Float64Array {
  const scaled = Float64Array.from(logits, (value) => value / temperature);
  const highest = scaled.reduce((most, value) => Math.max(most, value), -Infinity);
  const sum = scaled.reduce((total, value) => total + Math.exp(value - highest), 0);
  return scaled.map((value) => value - highest - Math.log(sum));
}

/** The code at a uniform by inverse CDF; without one the most probable. */
function drawn(logs: Float64Array, uniform: number | undefined): number {
  if (uniform === undefined) return logs.reduce((best, value, code) => (value > logs[best]! ? code : best), 0);
  let sum = 0;
  const code = logs.findIndex((value) => (sum += Math.exp(value)) > uniform);
  return code === -1 ? logs.length - 1 : code;
}

const norm = (values: Float32Array): number => Math.sqrt(values.reduce((total, value) => total + value * value, 0));
