import type { ModelObject } from '@slipstream/client';
import { describe, expect, it } from 'vitest';
import { accelerationOf, presetsOf } from './presets';

const strategy = (budget: boolean, oneStep = false) => ({ budget, one_step: oneStep, knobs: {} });
const model = {
  slipstream: { defaults: { strategy: 'anchored', steps: 32, budget: 3 }, limits: { strategies: { vanilla: strategy(false), shortcut: strategy(true), anchored: strategy(true), dimo: strategy(false, true) } } },
} as unknown as ModelObject;

describe('presets', () => {
  it('begin with the default of the model', () => {
    expect(presetsOf(model).map(({ name }) => name)).toEqual(['anchored', 'vanilla', 'shortcut', 'dimo']);
    expect(presetsOf(model)[0]).toMatchObject({ title: 'anchored (default)', steps: 32, budget: 3 });
  });

  it('ask for full steps only where there is a choice of them, and for one step where there is one', () => {
    const [anchored, plain, , dimo] = presetsOf(model);
    expect(accelerationOf(anchored!, 5)).toEqual({ strategy: 'anchored', steps: 32, budget: 5 });
    expect(accelerationOf(plain!, 5)).toEqual({ strategy: 'vanilla', steps: 32 });
    expect(accelerationOf(dimo!)).toEqual({ strategy: 'dimo', steps: 1 });
  });
});
