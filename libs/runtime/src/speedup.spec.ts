import { PLAN_KINDS, type PlanKind } from '@slipstream/sampler';
import { describe, expect, it } from 'vitest';
import { speedupOf } from './speedup.js';

const costs = (full: number, shortcut: number, decode: number): Parameters<typeof speedupOf>[0] => {
  const seconds: Partial<Record<PlanKind, number>> = { full, shortcut, decode };
  return Object.fromEntries(PLAN_KINDS.map((kind) => [kind, { seconds: seconds[kind] ?? 0 }])) as Parameters<typeof speedupOf>[0];
};

describe('the speed-up', () => {
  it('is all steps full and the decode, over what the picture cost', () => {
    const { value, baseline, measured } = speedupOf(costs(0.09, 0.026, 0.004), { steps: 32, fullSeconds: 0.015 });
    expect(value).toBeCloseTo((32 * 0.015 + 0.004) / 0.12);
    expect(baseline).toContain('32 steps, every one full');
    expect(measured).toBe(true);
  });

  it('of a picture whose every step was full is 1', () => {
    expect(speedupOf(costs(0.48, 0, 0.004), { steps: 32, fullSeconds: 0.015 }).value).toBeCloseTo(1);
  });

  it('claims nothing without a measured full step', () => {
    expect(speedupOf(costs(0, 0.1, 0.1), { steps: 32, fullSeconds: 0 })).toMatchObject({ value: 1, measured: false });
  });
});
