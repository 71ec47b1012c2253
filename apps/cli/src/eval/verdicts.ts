import type { CategoriesFigure, NamesFigure } from './figures.js';

/** A requirement held against what was measured. */
export interface Verdict {
  readonly requirement: string;
  readonly passed: boolean;
  readonly measured: string;
}

/** Least share of vanilla pictures that must be the right one. */
const leastRightShare = 0.8;
/** Most that the accelerated setting may lose of it. */
const mostLostShare = 0.02;

const percent = (value: number): string => `${(value * 100).toFixed(1)} %`;
const points = (value: number): string => `${value >= 0 ? '+' : ''}${(value * 100).toFixed(1)} points`;
const signed = (value: number): string => `${value >= 0 ? '+' : ''}${value.toFixed(3)}`;

export function nameVerdicts({ vanilla, accelerated, difference }: NamesFigure): Verdict[] {
  return [
    {
      requirement: `vanilla: at least ${percent(leastRightShare)} of the names have the right picture nearest`,
      passed: vanilla.value >= leastRightShare,
      measured: percent(vanilla.value),
    },
    {
      requirement: `accelerated: at most ${mostLostShare * 100} points fewer`,
      passed: difference.value >= -mostLostShare - 1e-9,
      measured: `${percent(accelerated.value)}, ${points(difference.value)}`,
    },
  ];
}

export function categoryVerdicts(figure: CategoriesFigure): Verdict[] {
  const { acceleratedMinusVanilla: loss, fewStepMinusAccelerated: gain, noiseFloor } = figure;
  const beyond = gain.interval.low > 0 ? 'beyond noise' : 'within noise';
  return [
    {
      requirement:
        'accelerated: mean distance no worse than vanilla at the same steps, within the noise of two vanilla runs',
      passed: loss.value <= noiseFloor,
      measured: `${signed(loss.value)} (noise ${noiseFloor.toFixed(3)})`,
    },
    {
      requirement: 'accelerated: mean distance better than few-step vanilla at the same seconds',
      passed: gain.value > 0,
      measured: `${signed(-gain.value)} (${beyond})`,
    },
  ];
}
