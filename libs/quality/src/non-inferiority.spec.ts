import { describe, expect, it } from 'vitest';
import { isNonInferior } from './non-inferiority.js';

const between = (low: number, high: number) => ({ value: (low + high) / 2, interval: { low, high } });

describe('isNonInferior', () => {
  it('asks that the whole interval stays within the margin on the worse side', () => {
    expect(isNonInferior(between(-0.9, 0.2), { margin: 1, better: 'higher' })).toBe(true);
    expect(isNonInferior(between(-1.1, 3), { margin: 1, better: 'higher' })).toBe(false);
    expect(isNonInferior(between(-5, 0.9), { margin: 1, better: 'lower' })).toBe(true);
    expect(isNonInferior(between(0.5, 1.1), { margin: 1, better: 'lower' })).toBe(false);
  });

  it('never passes what it cannot tell', () => {
    expect(isNonInferior(between(NaN, NaN), { margin: 1, better: 'higher' })).toBe(false);
    expect(() => isNonInferior(between(0, 0), { margin: -1, better: 'higher' })).toThrow(RangeError);
  });
});
