import { knobsOf, knobTable, strategyNames, strategyTable, type KnobName, type StrategyName } from '@slipstream/contracts';
import fc from 'fast-check';
import type { TrajectoryRequest } from '../trajectory.js';
import { requestOf } from './played.js';

export const MOST_STEPS = 8;

/** Any request of these strategies to the tiny model, with any knobs; few prompts, the empty one among them, so that some meet again. */
export function arbitraryRequest(strategies: readonly StrategyName[] = strategyNames): fc.Arbitrary<TrajectoryRequest> {
  return fc.constantFrom(...strategies).chain((strategy) => {
    const { oneStep, knobs } = strategyTable[strategy];
    const choices = {
      seed: fc.nat(1000),
      word: fc.nat(3),
      steps: fc.integer({ min: 1, max: oneStep ? 1 : MOST_STEPS }),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
      guidance: fc.constantFrom(0, 2),
      previews: fc.constantFrom(0, 0, 1, 3, MOST_STEPS),
      knobs: fc.record(Object.fromEntries(knobs.map((knob) => [knob, arbitraryKnob(knob)])), { requiredKeys: [] }),
    };
    return fc.record(choices).map(({ word, share, ...given }) => ({
      ...requestOf(strategy, given),
      prompt: Int32Array.of(word, 0, 0, 0),
      budget: 1 + Math.floor(share * (given.steps - 1)),
      knobs: knobsOf(strategy, given.knobs),
    }));
  });
}

function arbitraryKnob(knob: KnobName): fc.Arbitrary<string | number> {
  const rule = knobTable[knob];
  if ('values' in rule) return fc.constantFrom(...rule.values);
  return rule.whole ? fc.integer({ min: rule.min, max: Math.min(rule.max, MOST_STEPS) }) : fc.double({ min: rule.min, max: rule.max, noNaN: true });
}
