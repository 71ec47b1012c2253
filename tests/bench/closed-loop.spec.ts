import { describe, expect, it } from 'vitest';
import { closedLoop } from './closed-loop.js';
import { percentile } from './probe-livez.js';

describe('closedLoop', () => {
  it('never has more requests under way than asked for, and starts none after the window', async () => {
    let underWay = 0;
    let most = 0;
    let started = 0;
    const request = async (): Promise<void> => {
      started += 1;
      most = Math.max(most, (underWay += 1));
      await new Promise((resolve) => setImmediate(resolve));
      underWay -= 1;
    };
    const { window, drained } = await closedLoop(request, { inFlight: 5, warmUp: 10, pictures: 30 });
    await drained;
    expect(most).toBe(5);
    expect(window.pictures).toBe(30);
    expect(window.seconds).toBeGreaterThan(0);
    expect(started).toBeLessThanOrEqual(45);
    expect(underWay).toBe(0);
  });

  it('fails with the first failure', async () => {
    const request = async (index: number): Promise<void> => {
      if (index === 7) throw new Error('refused');
    };
    await expect(closedLoop(request, { inFlight: 2, warmUp: 2, pictures: 20 })).rejects.toThrow('refused');
  });
});

describe('percentile', () => {
  it('takes the nearest rank', () => {
    const values = Array.from({ length: 100 }, (_, i) => 100 - i);
    expect(percentile(values, 0.99)).toBe(99);
    expect(percentile(values, 0.5)).toBe(50);
    expect(percentile([3], 0.99)).toBe(3);
  });
});
