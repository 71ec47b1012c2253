import { describe, expect, it } from 'vitest';
import type { Sampling } from './generation-settings.js';
import { everyStepFull, isAccelerated, saferSampling, safestLevel, samplingKey } from './safer-sampling.js';

const usual = { steps: 16, guidance: 3 };
const shortcut: Sampling = { strategy: 'shortcut', steps: 16, budget: 3, knobs: { placement: 'mass' }, guidance: 2, temperature: 1 };
const vanilla: Sampling = { strategy: 'vanilla', steps: 16, budget: 16, knobs: {}, guidance: 2, temperature: 1 };

describe('what is safer', () => {
  it('doubles the budget level by level, all else the same, and ends with every step full', () => {
    const levels = [0, 1, 2, 3, 4].map((level) => saferSampling(shortcut, level, usual));
    expect(levels).toEqual([shortcut, { ...shortcut, budget: 6 }, { ...shortcut, budget: 12 }, vanilla, vanilla]);
    expect(safestLevel(shortcut)).toBe(3);
  });

  it.each([[1, 4], [2, 3], [4, 2], [8, 1], [9, 1], [16, 1]])('makes a budget of %i of 16 all full at level %i and not before', (budget, last) => {
    expect(safestLevel({ ...shortcut, budget })).toBe(last);
    expect(saferSampling({ ...shortcut, budget }, last, usual)).toEqual(vanilla);
    if (last > 1) expect(saferSampling({ ...shortcut, budget }, last - 1, usual)).toEqual({ ...shortcut, budget: budget * 2 ** (last - 1) });
  });

  it('goes straight to every step full where there is no budget', () => {
    const recap: Sampling = { ...vanilla, strategy: 'recap', knobs: { preFullSteps: 0, cachedSteps: 1 } };
    expect(saferSampling(recap, 1, usual)).toEqual(vanilla);
  });

  it('makes for the one-step student what the bundle usually makes', () => {
    const dimo: Sampling = { strategy: 'dimo', steps: 1, budget: 1, knobs: { initRatio: 0.6, noiseShare: 0.1 }, guidance: 0, temperature: 0.9 };
    expect(everyStepFull(dimo, usual)).toEqual({ strategy: 'vanilla', steps: 16, budget: 16, knobs: {}, guidance: 3, temperature: 0.9 });
  });
});

it('has something to audit where a step is not full', () => {
  expect(isAccelerated(shortcut)).toBe(true);
  expect(isAccelerated({ ...shortcut, budget: 16 })).toBe(false);
  expect(isAccelerated({ ...vanilla, strategy: 'dllm-cache' })).toBe(true);
  expect(isAccelerated({ strategy: 'dimo', steps: 1, budget: 1 })).toBe(true);
  expect([vanilla, { ...vanilla, strategy: 'halton' as const }].some(isAccelerated)).toBe(false);
});

it('has one key for one setting, whatever the order of its knobs', () => {
  const knobs = { minGap: 2, maxGap: 9, tolerance: 0.3 };
  const adaptive: Sampling = { ...shortcut, strategy: 'adaptive', knobs };
  expect(samplingKey({ ...adaptive, knobs: { tolerance: 0.3, maxGap: 9, minGap: 2 } })).toBe(samplingKey(adaptive));
  expect(new Set([adaptive, { ...adaptive, guidance: 3 }, { ...adaptive, knobs: { ...knobs, maxGap: 8 } }, { ...adaptive, temperature: 2 }].map(samplingKey)).size).toBe(4);
});
