import { describe, expect, it } from 'vitest';
import { fakeEngine } from '../testing/fake-engine.js';
import { repetitionsWithin, timed } from './timing.js';

const request = {
  prompt: 'a',
  seed: 1,
  strategy: 'shortcut',
  steps: 4,
  budget: 2,
  guidance: 1,
  temperature: 1,
} as const;

describe('timed', () => {
  it('hears the runs of its own pictures and then stops listening', async () => {
    const engine = fakeEngine();
    const { reports, results } = await timed(engine, [request, request]);
    await engine.submit(request);
    expect(results).toHaveLength(2);
    expect(reports.filter((report) => report.kind === 'full')).toHaveLength(4);
    expect(reports.filter((report) => report.kind === 'shortcut')).toHaveLength(4);
  });
});

describe('repetitionsWithin', () => {
  it('fits the time, within its bounds', () => {
    expect(repetitionsWithin(10, 3, { least: 1, most: 5 })).toBe(3);
    expect(repetitionsWithin(10, 30, { least: 2, most: 5 })).toBe(2);
    expect(repetitionsWithin(10, 0.1, { least: 2, most: 5 })).toBe(5);
  });
});
