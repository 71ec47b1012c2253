import { invalid } from './invalid.js';
import { philox4x32, type Words2 } from './philox.js';

/** What a random number is for; its place in the generator's counter. */
export type Purpose = 'token' | 'confidence' | 'code' | 'mask' | 'radius' | 'angle';

const PURPOSE_WORDS: Record<Purpose, number> = { token: 0, confidence: 1, code: 2, mask: 3, radius: 4, angle: 5 };

/**
 * Fills `out` with float32 uniforms in the open interval (0, 1) for one step and purpose, one for each position, the same
 * ones every time.
 */
export type UniformSource = (draw: { step: number; purpose: Purpose }, positions: Int32Array, out: Float32Array) => void;

/**
 * The randomness of one picture: Philox4x32-10 with the seed as key and (position, step, purpose, 0) as counter, so a
 * picture's numbers depend on nothing but its seed. `seed` is an integer from 0 to 2^53 − 1; else `invalid_request`.
 */
export function philoxUniforms(seed: number): UniformSource {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw invalid('seed', `a whole number from 0 to ${Number.MAX_SAFE_INTEGER}`, seed);
  }
  const key: Words2 = [seed >>> 0, Math.floor(seed / 2 ** 32)];
  const words = new Uint32Array(4);
  return ({ step, purpose }, positions, out) => {
    for (let i = 0; i < positions.length; i++) {
      philox4x32([positions[i]!, step, PURPOSE_WORDS[purpose], 0], key, words);
      out[i] = openUniform(words[0]!);
    }
  };
}

/** 23 bits and a half: exact in float32, and neither 0 nor 1 can come out (24 bits would round up to 1). */
function openUniform(word: number): number {
  return ((word >>> 9) + 0.5) * 2 ** -23;
}
