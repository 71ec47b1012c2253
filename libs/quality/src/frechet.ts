import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import type { Gaussian } from './gaussian.js';

/**
 * Squared Fréchet distance of two Gaussians, ‖μ₁ − μ₂‖² + tr(C₁ + C₂ − 2 (C₁C₂)^½) (Dowson & Landau 1982; the "FID" of
 * Heusel et al. 2017 when the features are Inception's), in float64. 0 for equal ones; units of the features, squared.
 * Its bias falls as 1 / count: compare only sets of one size. Throws a RangeError for different numbers of channels.
 */
export function frechetDistance(a: Gaussian, b: Gaussian): number {
  return frechetDistanceTo(a)(b);
}

/** The same to one fixed Gaussian, whose root is taken once. */
export function frechetDistanceTo(reference: Gaussian): (other: Gaussian) => number {
  const channels = reference.mean.length;
  const root = squareRoot(square(reference));
  return (other) => {
    if (other.mean.length !== channels) throw new RangeError(`${other.mean.length} channels cannot be compared with ${channels}`);
    let meanTerm = 0;
    for (let i = 0; i < channels; i += 1) meanTerm += (reference.mean[i]! - other.mean[i]!) ** 2;
    // (C₁C₂)^½ has the trace of (C₁^½ C₂ C₁^½)^½, which is symmetric: no complex parts to throw away.
    const { realEigenvalues } = decompose(root.mmul(square(other)).mmul(root));
    const mixed = realEigenvalues.reduce((sum, value) => sum + Math.sqrt(Math.max(0, value)), 0);
    return Math.max(0, meanTerm + trace(reference) + trace(other) - 2 * mixed);
  };
}

/** Of a symmetric matrix without negative eigenvalues but for rounding, which counts as 0. */
function squareRoot(matrix: Matrix): Matrix {
  const { realEigenvalues, eigenvectorMatrix } = decompose(matrix);
  const scaled = eigenvectorMatrix.clone().mulRowVector(realEigenvalues.map((value) => Math.sqrt(Math.max(0, value))));
  return scaled.mmul(eigenvectorMatrix.transpose());
}

/** The mean with the transpose first: rounding leaves a product not quite symmetric. */
function decompose(matrix: Matrix): EigenvalueDecomposition {
  return new EigenvalueDecomposition(Matrix.add(matrix, matrix.transpose()).mul(0.5), { assumeSymmetric: true });
}

const square = ({ mean, covariance }: Gaussian): Matrix => Matrix.from1DArray(mean.length, mean.length, covariance);

function trace({ mean, covariance }: Gaussian): number {
  let sum = 0;
  for (let i = 0; i < mean.length; i += 1) sum += covariance[i * mean.length + i]!;
  return sum;
}
