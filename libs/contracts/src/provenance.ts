import { z } from 'zod';
import { strategyNames, wireName, type KnobName } from './strategies.js';
import type { GenerationSettings } from './generation-settings.js';
import { stepMap, type StepCounts } from './step-map.js';

/** How a picture was made: the `slipstream` object of every answer. */
export const provenance = z.object({
  /** The bundle's digest. */
  bundle: z.string().meta({ description: 'SHA-256 of the bundle’s manifest' }),
  /** Of the first picture; picture i has `seed + i`. */
  seed: z.int().nonnegative(),
  strategy: z.enum(strategyNames),
  steps: z.int().positive(),
  /** What each step of the first picture was sampled from; absent from what an older release made. */
  step_map: stepMap.optional(),
  /** Steps whose features are the base's own, computed or remembered. */
  full_steps: z.int().nonnegative(),
  /** Steps whose features were predicted: by a shortcut, an anchored shortcut or an extrapolation. */
  shortcut_steps: z.int().nonnegative(),
  /** Steps that recomputed some positions and kept the others. */
  partial_steps: z.int().nonnegative(),
  /**
   * `anchors`: branches of full steps that were recalled instead of computed. `result`: `hit` when all pictures had been
   * made before and are copies of those; `off` when the request wanted no cache.
   */
  cache: z.object({ anchors: z.int().nonnegative(), result: z.enum(['off', 'hit', 'miss']) }),
  /** Waiting before the engine took the first row, and from there to the last pixel. */
  seconds: z.object({ queued: z.number().nonnegative(), engine: z.number().nonnegative() }),
  speedup: z.object({ value: z.number().positive(), baseline: z.string(), measured: z.boolean() }),
  /** Present when something safer was made than was asked for, because audits found that wanting. */
  fallback: z.object({ from: z.object({ strategy: z.enum(strategyNames), steps: z.int().positive(), budget: z.int().positive() }), reason: z.string() }).optional(),
}).meta({ id: 'Provenance', description: 'How the pictures were made' });

export type Provenance = z.infer<typeof provenance>;

/** What a picture says of itself: enough to make it again, and nothing that differs from one making to the next. */
export type PictureText = Pick<Provenance, 'bundle' | 'seed' | 'strategy' | 'steps' | 'full_steps' | 'shortcut_steps' | 'partial_steps'> &
  Pick<GenerationSettings, 'budget' | 'guidance' | 'temperature' | 'prompt'> & { readonly [knob: string]: string | number };

/**
 * The text written into one picture's own metadata, by worker and command line alike. Clock readings and what was
 * remembered stay out: the same bundle, request and seed give the same file, byte for byte.
 * @param made the bundle's digest, the picture's own seed, and the steps that were made of each kind.
 */
export function pictureText(settings: GenerationSettings, made: { bundle: string; seed: number } & StepCounts): PictureText {
  const { strategy, steps, budget, knobs, guidance, temperature, prompt } = settings;
  const { bundle, seed, fullSteps: full_steps, shortcutSteps: shortcut_steps, partialSteps: partial_steps } = made;
  return { bundle, seed, strategy, steps, full_steps, shortcut_steps, partial_steps, budget, ...wireKnobs(knobs), guidance, temperature, prompt };
}

/** What was asked for and why it was not made, where that is so. */
export function wireFallback({ fallback }: Pick<GenerationSettings, 'fallback'>): Pick<Provenance, 'fallback'> {
  if (!fallback) return {};
  const { from: { strategy, steps, budget }, reason } = fallback;
  return { fallback: { from: { strategy, steps, budget }, reason } };
}

/** Knobs under their wire names. */
export function wireKnobs(knobs: GenerationSettings['knobs']): Record<string, string | number> {
  return Object.fromEntries(Object.entries(knobs).map(([knob, value]) => [wireName(knob as KnobName), value]));
}
