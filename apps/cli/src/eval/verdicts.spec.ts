import { describe, expect, it } from 'vitest';
import type { CategoriesFigure, NamesFigure } from './figures.js';
import { categoryVerdicts, nameVerdicts } from './verdicts.js';

const estimate = (value: number, half = 0.01) => ({ value, interval: { low: value - half, high: value + half } });

const names = (vanilla: number, accelerated: number): NamesFigure => ({
  prompts: 200,
  vanilla: estimate(vanilla),
  accelerated: estimate(accelerated),
  difference: estimate(accelerated - vanilla),
});

const categories = (loss: number, gain: number, noiseFloor: number): CategoriesFigure =>
  ({
    acceleratedMinusVanilla: estimate(loss),
    fewStepMinusAccelerated: estimate(gain, 0.05),
    noiseFloor,
  }) as CategoriesFigure;

const passed = (verdicts: { passed: boolean }[]): boolean[] => verdicts.map((verdict) => verdict.passed);

describe('verdicts on names', () => {
  it('ask for 80 % and at most 2 points less', () => {
    expect(passed(nameVerdicts(names(0.8, 0.78)))).toEqual([true, true]);
    expect(passed(nameVerdicts(names(0.79, 0.9)))).toEqual([false, true]);
    expect(passed(nameVerdicts(names(0.9, 0.875)))).toEqual([true, false]);
  });
});

describe('verdicts on categories', () => {
  it('allow a loss within the noise of two vanilla runs, no more', () => {
    expect(passed(categoryVerdicts(categories(0.05, 0.1, 0.06)))[0]).toBe(true);
    expect(passed(categoryVerdicts(categories(0.07, 0.1, 0.06)))[0]).toBe(false);
    expect(passed(categoryVerdicts(categories(-1, 0.1, 0.06)))[0]).toBe(true);
  });

  it('ask to beat few steps and say whether the gain is beyond noise', () => {
    expect(categoryVerdicts(categories(0, 0.1, 1))[1]).toMatchObject({
      passed: true,
      measured: '-0.100 (beyond noise)',
    });
    expect(categoryVerdicts(categories(0, 0.03, 1))[1]).toMatchObject({
      passed: true,
      measured: '-0.030 (within noise)',
    });
    expect(categoryVerdicts(categories(0, -0.03, 1))[1]).toMatchObject({ passed: false });
  });
});
