import { SlipstreamError } from '@slipstream/contracts';

/** Throws SlipstreamError `bundle_invalid` when a scorer's numbers are not all finite, naming the picture and the place. */
export function requireFinite(vector: ArrayLike<number>, picture: string | number): void {
  for (let i = 0; i < vector.length; i += 1) {
    const value = vector[i]!;
    if (Number.isFinite(value)) continue;
    const remedy = 'leave that picture out, or export the scorer again if it does so on every picture';
    throw new SlipstreamError('bundle_invalid', `the scorer gave ${value} at place ${i} for picture ${picture}`, { param: 'features', remedy });
  }
}

/** The length that all vectors share. Throws a RangeError for no vectors or another length, `bundle_invalid` as above. */
export function requireVectors(vectors: readonly ArrayLike<number>[]): number {
  const length = vectors[0]?.length;
  if (length === undefined) throw new RangeError('no vectors to compare');
  vectors.forEach((vector, i) => {
    if (vector.length !== length) throw new RangeError(`vector ${i} has ${vector.length} numbers, the first has ${length}`);
    requireFinite(vector, i);
  });
  return length;
}
