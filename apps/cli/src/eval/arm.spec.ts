import { describe, expect, it } from 'vitest';
import { categorySubjects, fewSteps, nameSubjects } from './arm.js';

const accelerated = { strategy: 'shortcut', steps: 32, budget: 6, guidance: 2, temperature: 1 } as const;

describe('fewSteps', () => {
  it('buys at least as many seconds as the accelerated setting takes', () => {
    expect(fewSteps(accelerated, { full: 13, shortcut: 1 })).toBe(8);
    expect(fewSteps(accelerated, { full: 12, shortcut: 1 })).toBe(9);
  });

  it('stays between one step and all of them', () => {
    expect(fewSteps(accelerated, { full: 1, shortcut: 2 })).toBe(32);
    expect(fewSteps({ ...accelerated, budget: 1 }, { full: 1, shortcut: 0 })).toBe(1);
  });
});

describe('subjects', () => {
  it('give each name a seed of its own and each category the same seeds', () => {
    expect(nameSubjects(['cat', 'dog'], 5)).toEqual([
      { prompt: 'cat', seed: 5 },
      { prompt: 'dog', seed: 6 },
    ]);
    expect(categorySubjects(['food', 'flag'], 1, 2)).toEqual([
      { prompt: 'food', seed: 1 },
      { prompt: 'food', seed: 2 },
      { prompt: 'flag', seed: 1 },
      { prompt: 'flag', seed: 2 },
    ]);
  });
});
