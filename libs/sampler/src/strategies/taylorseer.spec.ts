import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RowOutput } from '../model-runner.js';
import { ofKind, played, requestOf, stepsOf } from '../testing/played.js';
import type { Trajectory } from '../trajectory.js';
import { extrapolate } from './taylorseer.js';

/** The residual of a full step is the square of its number everywhere. */
const squares = (output: RowOutput, { step }: Trajectory): RowOutput => (output.residual ? { ...output, residual: output.residual.map(() => step ** 2) } : output);

describe('taylorseer', () => {
  // Full steps 0, 2, 4, 6 know 0, 4, 16, 36.
  it.each([
    [0, [0, 4, 16, 36]],
    [1, [0, 6, 22, 46]],
    [2, [0, 6, 25, 49]],
  ])('of order %i extrapolates the residuals, in a lower order while fewer are known', async (order, expected) => {
    const runs = await played(requestOf('taylorseer', { steps: 8, budget: 4, knobs: { order } }), { script: squares });
    expect(stepsOf(runs, 'full')).toEqual([0, 2, 4, 6]);
    expect(ofKind(runs, 'tail').map(({ turn }) => [turn.residual.length, turn.residual[0], turn.residual[79]])).toEqual(expected.map((value) => [80, value, value]));
  });

  it('asks every full step for its residual, in both branches, and has them where a shortcut has them', async () => {
    const runs = await played(requestOf('taylorseer', { steps: 15, budget: 7 }));
    expect(stepsOf(runs, 'full')).toEqual([0, 2, 4, 6, 9, 11, 13]);
    for (const { turn } of ofKind(runs, 'full')) expect([turn.residual, turn.prompts.length]).toEqual([true, 2]);
  });
});

describe('the extrapolation', () => {
  it('goes through any polynomial of its degree, however uneven the gaps', () => {
    const given = fc.record({
      steps: fc.uniqueArray(fc.nat(40), { minLength: 1, maxLength: 3 }),
      ahead: fc.integer({ min: 1, max: 10 }),
      coefficients: fc.tuple(fc.integer({ min: -5, max: 5 }), fc.integer({ min: -5, max: 5 }), fc.integer({ min: -5, max: 5 })),
    });
    fc.assert(
      fc.property(given, ({ steps, ahead, coefficients }) => {
        const polynomial = (step: number): number => steps.reduce((total, _, power) => total + coefficients[power]! * step ** power, 0);
        const known = steps.sort((a, b) => b - a).map((step) => ({ step, residual: Float32Array.of(polynomial(step), 1) }));
        const [value, constant] = extrapolate(known, steps[0]! + ahead);
        expect(value).toBeCloseTo(polynomial(steps[0]! + ahead), 1);
        expect(constant).toBeCloseTo(1);
      }),
    );
  });
});
