import { describe, expect, it } from 'vitest';
import { openLoop, type Ending } from './open-loop.js';
import { poisson } from './poisson.js';

describe('Poisson arrivals', () => {
  it('come as often as asked for, the same for a seed, and bunched', () => {
    const arrivals = poisson({ perSecond: 50, seconds: 100, seed: 1 });
    expect(arrivals.length).toBeGreaterThan(4_700);
    expect(arrivals.length).toBeLessThan(5_300);
    expect(arrivals).toEqual(poisson({ perSecond: 50, seconds: 100, seed: 1 }));
    expect(arrivals).not.toEqual(poisson({ perSecond: 50, seconds: 100, seed: 2 }));
    const gaps = arrivals.slice(1).map((at, index) => at - arrivals[index]!);
    expect(gaps.filter((gap) => gap < 0.02).length / gaps.length).toBeCloseTo(1 - Math.exp(-1), 1);
  });
});

describe('an open loop', () => {
  it('sends on while earlier requests wait, and counts their wait from when they were due', async () => {
    let underWay = 0;
    let free = (): void => {};
    const held = new Promise<void>((resolve) => (free = resolve));
    const request = async (): Promise<Ending> => ((underWay += 1) === 20 && free(), await held, 'completed');
    const answers = await openLoop(Array.from({ length: 20 }, (_, index) => index / 1_000), request);
    expect(answers.every(({ ending }) => ending === 'completed')).toBe(true);
    const waits = answers.map(({ latencySeconds }) => latencySeconds);
    expect(waits).toEqual(waits.toSorted((a, b) => b - a)); // all end together, so who was due earlier waited longer
    expect(waits[0]).toBeGreaterThan(waits[19]!);
  });

  it('tells what was refused and what failed', async () => {
    const endings: Ending[] = ['completed', 'refused', 'failed'];
    const answers = await openLoop([0, 0, 0, 0], async (index) => endings[index] ?? Promise.reject(new Error('reset')));
    expect(answers.map(({ ending }) => ending)).toEqual(['completed', 'refused', 'failed', 'failed']);
  });
});
