import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { GraphName, StrategyName } from '@slipstream/contracts';
import type { generateOne } from '@slipstream/sampler';
import { Tensor } from 'onnxruntime-node';

interface GoldenTensor {
  readonly type: 'int32' | 'float32' | 'bool' | 'uint8';
  readonly shape: readonly number[];
  /** Little-endian, base64; empty when all are zero. */
  readonly data: string;
}

/** `golden.json` of a bundle: what the trainer's framework answered. */
export interface Golden {
  readonly graphs: readonly {
    readonly graph: GraphName;
    readonly inputs: Readonly<Record<string, GoldenTensor>>;
    readonly outputs: Readonly<Record<string, GoldenTensor>>;
    /** ‖ours − theirs‖ ÷ ‖theirs‖ at most, for float32. */
    readonly relativeTolerance: number;
  }[];
  readonly trajectories: readonly {
    readonly strategy: StrategyName;
    readonly steps: number;
    readonly budget: number;
    readonly guidance: number;
    readonly temperature: number;
    readonly prompt: string;
    readonly promptIds: readonly number[];
    /** (steps, tokens) */
    readonly uniforms: GoldenTensor;
    readonly confidence_uniforms: GoldenTensor;
    /** (steps, tokens), as they are after each step. */
    readonly tokens: GoldenTensor;
  }[];
}

export async function readGolden(bundleDir: string): Promise<Golden> {
  return JSON.parse(await readFile(join(bundleDir, 'golden.json'), 'utf8')) as Golden;
}

export function tensorOf({ type, shape, data }: GoldenTensor): Tensor {
  const arrays = { int32: Int32Array, float32: Float32Array, bool: Uint8Array, uint8: Uint8Array };
  const zeros = new arrays[type](shape.reduce((product, size) => product * size, 1));
  return new Tensor(type, data === '' ? zeros : new arrays[type](Uint8Array.from(Buffer.from(data, 'base64')).buffer), [...shape]);
}

/** Row `row` of a two-dimensional golden tensor. */
export function rowOf(tensor: GoldenTensor, row: number): Int32Array | Float32Array {
  const width = tensor.shape[1]!;
  return (tensorOf(tensor).data as Int32Array | Float32Array).subarray(row * width, (row + 1) * width);
}

/** The uniforms that a golden run was made with. */
export function uniformsOf(run: Golden['trajectories'][number]): NonNullable<Parameters<typeof generateOne>[2]> {
  return ({ step, purpose }, positions, out) => {
    const row = rowOf(purpose === 'token' ? run.uniforms : run.confidence_uniforms, step);
    positions.forEach((position, i) => (out[i] = row[position]!));
  };
}

/** ‖ours − theirs‖ ÷ ‖theirs‖ */
export function relativeError(ours: Float32Array, theirs: Float32Array): number {
  const difference = ours.map((value, i) => value - theirs[i]!);
  return Math.hypot(...difference) / Math.hypot(...theirs);
}
