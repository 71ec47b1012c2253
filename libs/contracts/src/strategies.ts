import { z } from 'zod';
import type { GraphName } from './graph-signature.js';

/** Every way to accelerate a picture, by the name that requests, metrics, reports and manifests use. */
export const strategyNames = ['vanilla', 'halton', 'shortcut', 'adaptive', 'anchored', 'taylorseer', 'ml-cache', 'recap', 'dllm-cache', 'dimo'] as const;
export type StrategyName = (typeof strategyNames)[number];

/** A strategy's own settings, by the name they have in code; requests write them in snake_case. */
export interface Knobs {
  /** Where the full steps lie: evenly over the steps (the paper's), or evenly over the tokens revealed. */
  placement: 'steps' | 'mass';
  /** Relative error of the features at which the next step is made full. */
  tolerance: number;
  /** Fewest and most steps from one full step to the next. */
  minGap: number;
  maxGap: number;
  /** Of the extrapolation: 0 holds the residual, 1 follows its slope, 2 its curve. */
  order: number;
  /** Share of the positions that a partial step leaves as they are. */
  cacheRatio: number;
  /** Share of the steps that are full before the first partial one. */
  warmupRatio: number;
  /** After the warm-up one step in so many is full. */
  refreshInterval: number;
  /** Plain steps before the first group. */
  preFullSteps: number;
  /** Partial steps that share the targets of one full step. */
  cachedSteps: number;
  /** Steps from one recomputation of the prompt's positions, or of the picture's, to the next. */
  promptInterval: number;
  responseInterval: number;
  /** Share of the picture's positions that are recomputed in between. */
  updateRatio: number;
  /** Share of the tokens that the one step starts without. */
  initRatio: number;
  /** Share of noise in the embeddings that the one step starts from. */
  noiseShare: number;
}
export type KnobName = keyof Knobs;

/** What a knob may be; `min` and `max` are included. */
export type KnobRule = { readonly default: number; readonly min: number; readonly max: number; readonly whole: boolean } | { readonly default: string; readonly values: readonly string[] };

const share = (value: number): KnobRule => ({ default: value, min: 0, max: 1, whole: false });
const steps = (value: number, min = 1): KnobRule => ({ default: value, min, max: 1024, whole: true });

/** Range and default of each knob (papers' own settings where they have one; algorithms as named beside each strategy). */
export const knobTable: Readonly<Record<KnobName, KnobRule>> = {
  placement: { default: 'steps', values: ['steps', 'mass'] },
  tolerance: { default: 0.3, min: 0.001, max: 10, whole: false },
  minGap: steps(2),
  maxGap: steps(16),
  order: { default: 1, min: 0, max: 2, whole: true },
  cacheRatio: share(0.9),
  warmupRatio: share(0.3),
  refreshInterval: steps(5),
  preFullSteps: steps(0, 0),
  cachedSteps: steps(1),
  promptInterval: steps(10),
  responseInterval: steps(4),
  updateRatio: share(0.25),
  initRatio: share(0.6),
  noiseShare: share(0.1),
};

export interface StrategyFacts {
  /** What a bundle must hold to serve it, beside `head` and `decode`. */
  readonly graphs: readonly GraphName[];
  /** True when `budget` counts its full steps; without, it has no such choice. */
  readonly budget: boolean;
  readonly knobs: readonly KnobName[];
  /** True for the one-step student: `steps` is 1 and guidance has no say. */
  readonly oneStep?: boolean;
}

export const strategyTable: Readonly<Record<StrategyName, StrategyFacts>> = {
  vanilla: { graphs: ['full'], budget: false, knobs: [] },
  halton: { graphs: ['full'], budget: false, knobs: [] },
  shortcut: { graphs: ['full', 'shortcut'], budget: true, knobs: ['placement'] },
  adaptive: { graphs: ['full', 'shortcut'], budget: true, knobs: ['tolerance', 'minGap', 'maxGap'] },
  anchored: { graphs: ['full', 'anchored'], budget: true, knobs: ['placement'] },
  taylorseer: { graphs: ['full', 'tail'], budget: true, knobs: ['placement', 'order'] },
  'ml-cache': { graphs: ['partial'], budget: false, knobs: ['cacheRatio', 'warmupRatio', 'refreshInterval'] },
  recap: { graphs: ['partial'], budget: false, knobs: ['preFullSteps', 'cachedSteps'] },
  'dllm-cache': { graphs: ['partial'], budget: false, knobs: ['promptInterval', 'responseInterval', 'updateRatio'] },
  dimo: { graphs: ['student'], budget: false, knobs: ['initRatio', 'noiseShare'], oneStep: true },
};

/** The knob's name on the wire. */
export const wireName = (knob: KnobName): string => knob.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** What a knob must be, in words. */
export function describeKnob(knob: KnobName): string {
  const rule = knobTable[knob];
  if ('values' in rule) return `must be ${rule.values.join(' or ')}`;
  return `must be a ${rule.whole ? 'whole ' : ''}number from ${rule.min} to ${rule.max}`;
}

export const knobNames = Object.keys(knobTable) as KnobName[];

/** One knob's value. */
export function knobSchema(knob: KnobName): z.ZodType<string | number> {
  const rule = knobTable[knob];
  if ('values' in rule) return z.enum(rule.values);
  return (rule.whole ? z.int() : z.number()).min(rule.min).max(rule.max);
}

/** Any of the knobs, each within its range. */
export const knobs = z.strictObject(Object.fromEntries(knobNames.map((knob) => [knob, knobSchema(knob).optional()]))) as unknown as z.ZodType<Partial<Knobs>>;

/** The given knobs that are not the strategy's own. */
export const foreignKnobs = (strategy: StrategyName, given: Partial<Knobs>): KnobName[] =>
  knobNames.filter((knob) => given[knob] !== undefined && !strategyTable[strategy].knobs.includes(knob));

/** All knobs of a strategy: the given ones, and for the others the first default that has one. */
export function knobsOf(strategy: StrategyName, ...sources: readonly Partial<Knobs>[]): Partial<Knobs> {
  const value = (knob: KnobName) => sources.find((source) => source[knob] !== undefined)?.[knob] ?? knobTable[knob].default;
  return Object.fromEntries(strategyTable[strategy].knobs.map((knob) => [knob, value(knob)]));
}
