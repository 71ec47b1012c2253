import { describe, expect, it } from 'vitest';
import { alignmentScore, cosine, retrievalRank, tokenAgreement } from './agreement.js';

describe('tokenAgreement', () => {
  it('is the share of equal places', () => {
    expect(tokenAgreement([1, 2, 3, 4], Int32Array.of(1, 0, 3, 5))).toBe(0.5);
    expect(() => tokenAgreement([], [])).toThrow(RangeError);
    expect(() => tokenAgreement([1], [1, 2])).toThrow(/cannot be held against/);
  });
});

describe('alignmentScore', () => {
  it('is 100 times the cosine, whatever the lengths of the vectors', () => {
    expect(alignmentScore([3, 4], [6, 8])).toBeCloseTo(100, 12);
    expect(alignmentScore([1, 0], [1, 1])).toBeCloseTo(100 / Math.SQRT2, 12);
    expect(alignmentScore([1, 0], [0, 2])).toBe(0);
  });

  it('refuses a vector of zeros, other lengths and NaN', () => {
    expect(() => cosine([0, 0], [1, 0])).toThrow(/no direction/);
    expect(() => cosine([1], [1, 0])).toThrow(/different spaces/);
    expect(() => alignmentScore([NaN], [1])).toThrow(expect.objectContaining({ code: 'bundle_invalid' }));
  });
});

describe('retrievalRank', () => {
  it('is 1 for the best score and counts whoever scores the same before it', () => {
    expect(retrievalRank([0.1, 0.9, 0.5], 1)).toBe(1);
    expect(retrievalRank([0.1, 0.9, 0.5], 0)).toBe(3);
    expect(retrievalRank([0.5, 0.5, 0.5], 1)).toBe(3);
    expect(() => retrievalRank([1], 1)).toThrow(/was not scored/);
    expect(() => retrievalRank([1, NaN], 0)).toThrow(/NaN/);
  });
});
