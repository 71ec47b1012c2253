import { describe, expect, it } from 'vitest';
import { countSteps, stepMap } from './step-map.js';

describe('a step map', () => {
  it('counts recalled steps as full ones', () => {
    expect(countSteps('RsspFs')).toEqual({ fullSteps: 2, shortcutSteps: 3, partialSteps: 1 });
    expect(countSteps('')).toEqual({ fullSteps: 0, shortcutSteps: 0, partialSteps: 0 });
  });

  it('has no letter for anything else', () => {
    expect(stepMap.safeParse('Fx').success).toBe(false);
  });
});
