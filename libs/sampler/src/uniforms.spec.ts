import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { philoxUniforms, type Purpose } from './uniforms.js';

function draw(seed: number, step: number, purpose: Purpose, count = 64): Float32Array {
  const out = new Float32Array(count);
  philoxUniforms(seed)({ step, purpose }, Int32Array.from(out, (_, position) => position), out);
  return out;
}

describe('the randomness of a picture', () => {
  it('is the same for the same seed, step, purpose and position, and another for any other', () => {
    const reference = draw(7, 3, 'token');
    expect(draw(7, 3, 'token')).toEqual(reference);
    expect(draw(7, 3, 'token', 128).subarray(0, 64)).toEqual(reference);
    const others = (['confidence', 'code', 'mask', 'radius', 'angle'] as const).map((purpose) => draw(7, 3, purpose));
    for (const other of [draw(8, 3, 'token'), draw(7 + 2 ** 32, 3, 'token'), draw(7, 4, 'token'), ...others]) {
      expect(other.filter((value, at) => value === reference[at])).toHaveLength(0);
    }
  });

  it('is drawn for any positions alone', () => {
    const some = new Float32Array(3);
    philoxUniforms(7)({ step: 3, purpose: 'token' }, Int32Array.of(40, 2, 9), some);
    const all = draw(7, 3, 'token');
    expect([...some]).toEqual([all[40], all[2], all[9]]);
  });

  it('lies in the open interval from 0 to 1', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.nat(63), (seed, step) => {
        for (const value of draw(seed, step, 'confidence')) expect(value > 0 && value < 1).toBe(true);
      }),
    );
  });

  it('is spread evenly', () => {
    const values = draw(1, 0, 'token', 40_000);
    const mean = values.reduce((total, value) => total + value, 0) / values.length;
    const lowest = values.filter((value) => value < 0.1).length / values.length;
    expect(mean).toBeCloseTo(0.5, 2);
    expect(lowest).toBeCloseTo(0.1, 2);
  });

  it.each([-1, 0.5, 2 ** 53, NaN])('refuses the seed %d and names the field', (seed) => {
    expect(() => philoxUniforms(seed)).toThrow(/seed must be a whole number from 0/);
  });
});
