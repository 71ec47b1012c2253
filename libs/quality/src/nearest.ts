/** The reference vector that lies nearest to a query. */
export interface Neighbour {
  /** Index into the reference list; the lowest one when several are equally near. */
  readonly index: number;
  /** Euclidean distance, in units of the feature space. */
  readonly distance: number;
}

/** Euclidean distance of two vectors of the same length. Throws a RangeError when the lengths differ. */
export function distance(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length) {
    throw new RangeError(`vectors of ${a.length} and ${b.length} numbers lie in different spaces`);
  }
  let sum = 0;
  for (let i = 0; i < a.length; i += 1) {
    const difference = (a[i] as number) - (b[i] as number);
    sum += difference * difference;
  }
  return Math.sqrt(sum);
}

/** Exhaustive nearest-neighbour search. Throws a RangeError when there is no reference vector. */
export function nearest(query: Float32Array, references: readonly Float32Array[]): Neighbour {
  if (references.length === 0) throw new RangeError('no reference vectors to compare with');
  let best: Neighbour = { index: -1, distance: Infinity };
  references.forEach((reference, index) => {
    const candidate = distance(query, reference);
    if (candidate < best.distance) best = { index, distance: candidate };
  });
  return best;
}

/** How many different values a list holds: the coverage of a set of nearest neighbours. */
export function distinctCount(values: readonly number[]): number {
  return new Set(values).size;
}
