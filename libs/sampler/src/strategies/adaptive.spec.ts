import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RowOutput } from '../model-runner.js';
import { ofKind, played, requestOf, stepsOf, type Changes } from '../testing/played.js';
import type { Trajectory } from '../trajectory.js';

/** Features of full steps are all 1, of shortcuts 1 + `error`, and each shortcut moves by `velocity`. */
const scripted = (velocity: number, error: number) => (output: RowOutput, { turn }: Trajectory): RowOutput => ({
  ...output,
  features: output.features!.map(() => (turn.kind === 'full' ? 1 : 1 + error)),
  ...(turn.kind === 'shortcut' && { velocity }),
});

const request = (knobs: Changes['knobs'], changes: Changes = {}) => requestOf('adaptive', { steps: 16, budget: 16, knobs, ...changes });

describe('adaptive', () => {
  it('refreshes when the drift reaches the tolerance, and learns there what a unit of drift is worth', async () => {
    const runs = await played(request({ tolerance: 0.375 }), { script: scripted(0.125, 0.25) });
    // Worth 1: due at a drift of 3/8, after three shortcuts. There the error is 1/4 at a drift of 4/8, so worth 1/2: due at
    // 6/8, after six. There it is 1/4 at 7/8, so worth 2/7: due after eleven, when the steps are over.
    expect(stepsOf(runs, 'full')).toEqual([0, 4, 11]);
    expect(ofKind(runs, 'shortcut').filter(({ turn }) => turn.reveals === false).map(({ step }) => step)).toEqual([4, 11]);
    expect(runs).toHaveLength(16 + 2);
  });

  it('goes on from the refreshed features, not from the probe', async () => {
    const runs = await played(request({ tolerance: 0.375 }), { script: scripted(0.125, 0.25) });
    const next = runs.find(({ step }) => step === 5) as (typeof runs)[number];
    expect(next.turn).toMatchObject({ kind: 'shortcut', features: new Float32Array(80).fill(1) });
    expect(next.turn).toMatchObject({ news: runs.find(({ step, turn }) => step === 4 && turn.kind === 'full')!.revealed });
  });

  it('probes with the positions of the step before, from which the refresh starts anew', async () => {
    const runs = await played(request({ tolerance: 0.375 }), { script: scripted(0.125, 0.25) });
    const [probe] = ofKind(runs, 'shortcut').filter(({ step, turn }) => step === 4 && turn.reveals === false);
    expect(probe!.turn.news).toEqual(runs.find(({ step }) => step === 3)!.revealed);
    expect(probe!.revealed).toEqual([]);
  });

  it('waits minGap steps however far the features moved', async () => {
    const runs = await played(request({ tolerance: 0.1, minGap: 3 }), { script: scripted(10, 5) });
    expect(stepsOf(runs, 'full')).toEqual([0, 3, 6, 9, 12, 15]);
  });

  it('waits no longer than maxGap steps though nothing moved', async () => {
    const runs = await played(request({ maxGap: 5 }), { script: scripted(0, 0) });
    expect(stepsOf(runs, 'full')).toEqual([0, 5, 10, 15]);
  });

  it('makes every step full when maxGap is 1', async () => {
    const runs = await played(request({ minGap: 1, maxGap: 1 }));
    expect(stepsOf(runs, 'full')).toHaveLength(16);
  });

  it('takes fewer full steps at a larger tolerance', async () => {
    const counts = await Promise.all([0.001, 0.2, 0.5, 10].map(async (tolerance) => stepsOf(await played(request({ tolerance }), { script: scripted(0.1, 0.3) }), 'full').length));
    expect(counts).toEqual([...counts].sort((a, b) => b - a));
    expect([counts[0], counts.at(-1)]).toEqual([8, 1]);
  });

  it('never takes more full steps than its budget, nor nearer or farther ones than its gaps allow', async () => {
    const given = fc.record({ budget: fc.integer({ min: 1, max: 16 }), minGap: fc.integer({ min: 1, max: 6 }), more: fc.nat(8), tolerance: fc.double({ min: 0.001, max: 2, noNaN: true }) });
    await fc.assert(
      fc.asyncProperty(given, async ({ budget, minGap, more, tolerance }) => {
        const full = stepsOf(await played(request({ minGap, maxGap: minGap + more, tolerance }, { budget })), 'full');
        expect(full.length).toBeLessThanOrEqual(budget);
        const gaps = full.slice(1).map((step, i) => step - full[i]!);
        for (const gap of gaps) expect(gap >= minGap && gap <= minGap + more).toBe(true);
        if (full.length < budget) expect(16 - full.at(-1)!).toBeLessThanOrEqual(minGap + more);
      }),
      { numRuns: 50 },
    );
  });
});
