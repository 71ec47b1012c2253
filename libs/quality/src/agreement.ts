import { requireFinite } from './finite.js';

/**
 * Share of places at which two pictures of one seed have the same token, in [0, 1]: faithfulness to the other sampler,
 * not quality. Throws a RangeError for grids of different sizes or without tokens.
 */
export function tokenAgreement(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length || a.length === 0) throw new RangeError(`${a.length} tokens cannot be held against ${b.length}`);
  let same = 0;
  for (let i = 0; i < a.length; i += 1) if (a[i] === b[i]) same += 1;
  return same / a.length;
}

/** Cosine of the angle between two vectors, in [−1, 1]. Throws a RangeError for other lengths or a vector of zeros. */
export function cosine(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) throw new RangeError(`vectors of ${a.length} and ${b.length} numbers lie in different spaces`);
  let dot = 0;
  let normA = 0;
  let normB = 0;
  for (let i = 0; i < a.length; i += 1) {
    dot += a[i]! * b[i]!;
    normA += a[i]! ** 2;
    normB += b[i]! ** 2;
  }
  if (normA === 0 || normB === 0) throw new RangeError('a vector of zeros has no direction');
  return dot / Math.sqrt(normA * normB);
}

/**
 * 100 × the cosine of a picture's and a prompt's embedding by an image–text scorer, as CLIPScore without its 2.5 and its
 * cut at 0 (Hessel et al. 2021); −100 to 100. Throws `bundle_invalid` for embeddings that are not finite.
 */
export function alignmentScore(picture: ArrayLike<number>, prompt: ArrayLike<number>): number {
  requireFinite(picture, 'embedded');
  return 100 * cosine(picture, prompt);
}

/** Place of the right candidate by score, 1 the highest; behind every candidate that scores the same. Throws a RangeError unless it is one of them. */
export function retrievalRank(scores: ArrayLike<number>, right: number): number {
  const own = scores[right];
  if (own === undefined) throw new RangeError(`candidate ${right} of ${scores.length} was not scored`);
  requireFinite(scores, 'retrieved');
  let rank = 1;
  for (let i = 0; i < scores.length; i += 1) if (i !== right && scores[i]! >= own) rank += 1;
  return rank;
}
