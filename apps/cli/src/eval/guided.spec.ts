import { describe, expect, it } from 'vitest';
import type { Model } from '@slipstream/sampler';
import { compareDistributions, compareVectors, guidedAt, logProbabilities } from './guided.js';

/** One prompt position, two image positions, two channels. */
const model = { promptLength: 1, positions: 3, channels: 2, gridWidth: 2 } as Model;
const branch = (by: number): number[] => [0, 0, 1 * by, 2 * by, 3 * by, 4 * by];

describe('guided features', () => {
  it('are (1 + w) conditional − w unconditional at image positions', () => {
    const features = Float32Array.from([...branch(10), ...branch(1)]);
    expect([...guidedAt([1], { features, guidance: 2, model })]).toEqual([3 * 30 - 2 * 3, 3 * 40 - 2 * 4]);
  });

  it('of one branch are the conditional ones, whatever the guidance', () => {
    expect([...guidedAt([0, 1], { features: Float32Array.from(branch(1)), guidance: 3, model })]).toEqual([1, 2, 3, 4]);
  });
});

describe('two predictions', () => {
  const alike = Float32Array.from([1, 0, 0, 1]);
  const uniforms = Float32Array.from([0.1, 0.9]);

  it('that are the same differ by nothing', () => {
    expect(compareVectors(alike, alike)).toEqual({ relativeError: 0, cosine: expect.closeTo(1) });
    expect(compareDistributions(alike, alike, { uniforms, temperature: 1 })).toEqual({ divergence: expect.closeTo(0), coupledAgreement: 1, topAgreement: 1 });
  });

  it('are held against each other by KL(true ‖ predicted), in nats', () => {
    const half = Float32Array.from([0, 0]);
    const quarter = Float32Array.from([Math.log(0.25), Math.log(0.75)]);
    const { divergence, topAgreement } = compareDistributions(quarter, half, { uniforms: Float32Array.of(0.5), temperature: 1 });
    expect(divergence).toBeCloseTo(0.5 * Math.log(0.5 / 0.25) + 0.5 * Math.log(0.5 / 0.75), 6);
    expect(topAgreement).toBe(0);
  });

  it('agree where one uniform draws the same token from both', () => {
    const [certain, other] = [Float32Array.from([9, 0, 9, 0]), Float32Array.from([9, 0, 0, 9])];
    expect(compareDistributions(certain, other, { uniforms: Float32Array.of(0.5, 0.5), temperature: 1 }).coupledAgreement).toBe(0.5);
  });
});

it('log-probabilities add up to one at any temperature and any height of the logits', () => {
  for (const temperature of [0.5, 1, 2]) {
    const logs = logProbabilities(Float32Array.from([1000, 1001, 999]), temperature);
    expect(logs.reduce((total, value) => total + Math.exp(value), 0)).toBeCloseTo(1, 9);
  }
});
