import type { ModelObject } from '@slipstream/client';

const placement = { default: 'steps', values: ['steps', 'mass'] };
const strategy = (budget: boolean, { oneStep = false, knobs = {} } = {}) => ({ budget, one_step: oneStep, knobs });

/** A model with a strategy of each kind. */
export const model = {
  id: 'tiny',
  slipstream: {
    defaults: { strategy: 'anchored', steps: 32, budget: 3, guidance: 2, temperature: 1 },
    limits: {
      size: ['32x32'], n: { min: 1, max: 10 }, steps: { min: 1, max: 256 },
      strategies: { vanilla: strategy(false), shortcut: strategy(true), anchored: strategy(true, { knobs: { placement } }), dimo: strategy(false, { oneStep: true }) },
    },
  },
} as unknown as ModelObject;
