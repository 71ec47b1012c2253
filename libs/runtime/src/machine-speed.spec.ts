import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { measureMachine } from './machine-speed.js';
import { matMulGraph } from './mat-mul-graph.js';

describe('the graph that a machine is measured with', () => {
  it('multiplies matrices', async () => {
    const session = await InferenceSession.create(matMulGraph(), { executionProviders: ['cpu'] });
    const matrix = (dims: number[], ...values: number[]) => new Tensor('float32', Float32Array.from(values), dims);
    const { c } = await session.run({ a: matrix([1, 2], 2, 3), b: matrix([2, 3], 1, 0, 4, 0, 1, 5) });
    expect([c!.dims, [...(c!.data as Float32Array)]]).toEqual([[1, 3], [2, 3, 23]]);
  });
});

describe('measureMachine', () => {
  it('gives speeds of this planet', async () => {
    const { operationsPerSecond, bytesPerSecond } = await measureMachine(1);
    expect(operationsPerSecond).toBeGreaterThan(1e8);
    expect(operationsPerSecond).toBeLessThan(1e13);
    expect(bytesPerSecond).toBeGreaterThan(1e8);
  }, 60_000);
});
