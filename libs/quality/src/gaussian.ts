import { requireVectors } from './finite.js';

/** The first two moments of a set of vectors. */
export interface Gaussian {
  readonly count: number;
  /** (channels) */
  readonly mean: ArrayLike<number>;
  /** (channels, channels), row by row, unbiased: over count − 1. */
  readonly covariance: ArrayLike<number>;
}

/** Mean and unbiased covariance in float64, two passes. Throws a RangeError for fewer than two vectors. */
export function gaussianOf(vectors: readonly Float32Array[]): Gaussian {
  const channels = requireVectors(vectors);
  const count = vectors.length;
  if (count < 2) throw new RangeError('one vector has no covariance');
  const mean = new Float64Array(channels);
  for (const vector of vectors) for (let i = 0; i < channels; i += 1) mean[i]! += vector[i]! / count;
  const covariance = new Float64Array(channels * channels);
  const centred = new Float64Array(channels);
  for (const vector of vectors) {
    for (let i = 0; i < channels; i += 1) centred[i] = vector[i]! - mean[i]!;
    addOuterProduct(covariance, centred);
  }
  mirror(covariance, channels, count - 1);
  return { count, mean, covariance };
}

/** Upper triangle only. */
function addOuterProduct(sums: Float64Array, vector: Float64Array): void {
  const { length } = vector;
  for (let i = 0; i < length; i += 1) {
    const row = i * length;
    const factor = vector[i]!;
    for (let j = i; j < length; j += 1) sums[row + j]! += factor * vector[j]!;
  }
}

function mirror(sums: Float64Array, channels: number, divisor: number): void {
  for (let i = 0; i < channels; i += 1) {
    for (let j = i; j < channels; j += 1) sums[j * channels + i] = sums[i * channels + j]! /= divisor;
  }
}
