import { requireVectors } from './finite.js';
import { distance } from './nearest.js';

/** Which vectors of a set lie where another set does. */
export interface PrecisionRecall {
  /** Of each made vector: does it lie among the reference? Its share of trues is precision. */
  readonly precise: readonly boolean[];
  /** Of each reference vector: does it lie among the made ones? Its share of trues is recall. */
  readonly recalled: readonly boolean[];
}

/**
 * Improved precision and recall (Kynkäänniemi et al. 2019): a vector lies among a set when it is no further from one of
 * its members than that member's k-th nearest other member; k = 3 as in the paper. Equal members of the reference should
 * be given once. Throws a RangeError when a set has no more than k vectors.
 */
export function precisionRecall(made: readonly Float32Array[], reference: readonly Float32Array[], k = 3): PrecisionRecall {
  const manifolds = { made: radii(made, k), reference: radii(reference, k) };
  const among = (vector: Float32Array, set: readonly Float32Array[], reach: Float64Array): boolean =>
    set.some((member, i) => distance(vector, member) <= reach[i]!);
  return {
    precise: made.map((vector) => among(vector, reference, manifolds.reference)),
    recalled: reference.map((vector) => among(vector, made, manifolds.made)),
  };
}

/** Distance of each member to its k-th nearest other member. */
function radii(set: readonly Float32Array[], k: number): Float64Array {
  requireVectors(set);
  if (set.length <= k) throw new RangeError(`${set.length} vectors are too few for ${k} neighbours of each`);
  return Float64Array.from(set, (vector, i) => {
    const others = Float64Array.from(set.filter((_, j) => j !== i), (other) => distance(vector, other));
    return others.sort()[k - 1]!;
  });
}
