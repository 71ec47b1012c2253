import type { BundleManifest } from '@slipstream/contracts';
import { Tensor } from 'onnxruntime-node';

type Fill = (out: { [i: number]: number; readonly length: number }, manifest: BundleManifest) => void;

/** New tokens of a measured shortcut step, at most. */
const NEW = 32;

/** A step that found the first half of the tokens known; every row alike. Features are numbers of the size that norms leave. */
const FILLS: Readonly<Record<string, Fill>> = {
  prompt: (out, { prompt }) => each(out, () => prompt.pad),
  tokens: (out, { tokens }) => each(out, (i) => (i % tokens.image < tokens.image / 2 ? i % tokens.codes : tokens.mask)),
  masked_positions: (out, { tokens }) => each(out, (i) => tokens.image - 1 - (i % maskedOf(tokens.image))),
  uniforms: (out) => each(out, (i) => fraction(i)),
  confidence_uniforms: (out) => each(out, (i) => fraction(i + 7)),
  guidance: (out) => each(out, () => 2),
  temperature: (out) => each(out, () => 1),
  confidence_noise: (out) => each(out, () => 1),
  reveal_count: (out, { tokens }) => each(out, () => newOf(tokens.image)),
  mask_ratio: (out) => each(out, () => 0.5),
  new_tokens: (out, { tokens }) => each(out, (i) => i % tokens.codes),
  new_positions: (out, { tokens }) => each(out, (i) => i % newOf(tokens.image)),
  new_valid: (out) => each(out, () => 1),
  last_features: (out) => each(out, (i) => 4 * fraction(i) - 2),
};

const MAKERS = { int32: Int32Array, float32: Float32Array, bool: Uint8Array, uint8: Uint8Array };

/** Inputs of a run of so many rows, both branches, half of the tokens masked: for a measurement, not for a picture. */
export function stepInputs(manifest: BundleManifest, kind: 'full' | 'shortcut', rows: number): Record<string, Tensor> {
  const { image } = manifest.tokens;
  const axes: Readonly<Record<string, number>> = { rows, branches: 2, masked: maskedOf(image), new: newOf(image) };
  return Object.fromEntries(manifest.graphs[kind]!.inputs.map(({ name, type, shape }) => {
    const sizes = shape.map((axis) => (typeof axis === 'number' ? axis : axes[axis]!));
    const values = new MAKERS[type](sizes.reduce((product, size) => product * size, 1));
    FILLS[name]!(values, manifest);
    return [name, new Tensor(type, values, sizes)];
  }));
}

const maskedOf = (image: number): number => image - Math.ceil(image / 2);
const newOf = (image: number): number => Math.min(NEW, Math.floor(image / 4));

function each(out: { [i: number]: number; readonly length: number }, value: (i: number) => number): void {
  for (let i = 0; i < out.length; i++) out[i] = value(i);
}

/** Spread over (0, 1), the same each time. */
const fraction = (i: number): number => ((i * 0.618034 + 0.1) % 1) * 0.98 + 0.01;
