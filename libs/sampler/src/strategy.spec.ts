import { describe, expect, it } from 'vitest';
import { STRATEGIES } from './strategy.js';

describe('strategies', () => {
  it('vanilla makes every step full', () => {
    expect(STRATEGIES.vanilla.kinds({ steps: 3, budget: 1 })).toEqual(['full', 'full', 'full']);
  });

  it('shortcut makes the refresh steps full and the others shortcuts', () => {
    expect(STRATEGIES.shortcut.kinds({ steps: 5, budget: 2 })).toEqual(['full', 'shortcut', 'full', 'shortcut', 'shortcut']);
  });

  it('shortcut with a budget of every step is vanilla', () => {
    expect(STRATEGIES.shortcut.kinds({ steps: 4, budget: 4 })).toEqual(STRATEGIES.vanilla.kinds({ steps: 4, budget: 4 }));
  });
});
