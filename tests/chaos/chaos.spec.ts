import { describe, expect, it } from 'vitest';
import { usualOptions } from './options.js';
import { runChaos } from './run-chaos.js';

describe('the service in a storm', () => {
  it('loses nothing, settles nothing twice, makes the bytes of an undisturbed run, and isolates a job that kills its workers', async () => {
    const { verdict, reasons, faults } = await runChaos({ ...usualOptions, jobs: 40, seed: 5, workers: 2, inFlight: 20, gapMs: [500, 3_000], rounds: 0 }, () => {});
    expect({ missed: verdict.missed, reasons: verdict.missed.length > 0 ? { reasons, faults } : {} }).toEqual({ missed: [], reasons: {} });
    expect(verdict.submitted).toBe(40);
    expect(verdict.completed + verdict.cancelled + Object.values(verdict.failed).reduce((total, count) => total + count, 0)).toBe(40);
    expect(verdict.poison).toEqual({ jobs: 1, failed: 1, listed: 1, revived: 1 });
  }, 600_000);
});
