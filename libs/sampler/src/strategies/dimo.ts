import { ascending } from '../partial-state.js';
import type { Progress } from '../progress.js';
import type { Strategy } from '../strategy.js';

/**
 * Di[M]O's one-step student (Zhu et al., ICCV 2025, arXiv 2503.15457): random codes, a share `initRatio` of them masked,
 * embeddings mixed with a share `noiseShare` of noise; one forward pass samples every position. No guidance.
 */
export const dimo: Strategy = {
  *course(row) {
    const { initRatio = 0, noiseShare = 0 } = row.knobs;
    yield { kind: 'student', prompts: row.prompts, start: startTokens(row, initRatio), embedNoise: gaussianNoise(row), noiseShare };
  },
};

/** (imageTokens): uniform codes, round(ratio · T) of them masked at random. */
function startTokens({ model, uniforms }: Progress, ratio: number): Int32Array {
  const positions = Int32Array.from({ length: model.imageTokens }, (_, position) => position);
  const [codes, order] = [new Float32Array(positions.length), new Float32Array(positions.length)];
  uniforms({ step: 0, purpose: 'code' }, positions, codes);
  uniforms({ step: 0, purpose: 'mask' }, positions, order);
  const masked = new Set(ascending(order).slice(0, Math.round(ratio * positions.length)));
  return positions.map((position) => (masked.has(position) ? model.mask : Math.floor(codes[position]! * model.mask)));
}

/** (imageTokens, channels) of standard normal numbers, by Box and Muller from two uniforms each. */
function gaussianNoise({ model, uniforms }: Progress): Float32Array {
  const size = model.imageTokens * model.channels;
  const counters = Int32Array.from({ length: size }, (_, counter) => counter);
  const [radius, angle] = [new Float32Array(size), new Float32Array(size)];
  uniforms({ step: 0, purpose: 'radius' }, counters, radius);
  uniforms({ step: 0, purpose: 'angle' }, counters, angle);
  return radius.map((u, i) => Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * angle[i]!));
}
