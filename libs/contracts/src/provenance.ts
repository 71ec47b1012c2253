import { z } from 'zod';
import type { GenerationSettings } from './generation-settings.js';

/** How a picture was made: the `slipstream` object of every answer. */
export const provenance = z.object({
  /** The bundle's digest. */
  bundle: z.string(),
  /** Of the first picture; picture i has `seed + i`. */
  seed: z.int().nonnegative(),
  strategy: z.enum(['vanilla', 'shortcut']),
  steps: z.int().positive(),
  full_steps: z.int().nonnegative(),
  shortcut_steps: z.int().nonnegative(),
  cache: z.object({ anchors: z.int().nonnegative(), result: z.enum(['off', 'hit', 'miss']) }),
  /** Waiting before the engine took the first row, and from there to the last pixel. */
  seconds: z.object({ queued: z.number().nonnegative(), engine: z.number().nonnegative() }),
  speedup: z.object({ value: z.number().positive(), baseline: z.string(), measured: z.boolean() }),
});

export type Provenance = z.infer<typeof provenance>;

/** What a picture says of itself: enough to make it again, and nothing that differs from one making to the next. */
export type PictureText = Pick<Provenance, 'bundle' | 'seed' | 'strategy' | 'steps' | 'full_steps' | 'shortcut_steps'> &
  Pick<GenerationSettings, 'budget' | 'guidance' | 'temperature' | 'prompt'>;

/**
 * The text written into one picture's own metadata, by worker and command line alike. Clock readings stay out: the same
 * bundle, request and seed give the same file, byte for byte.
 * @param made the bundle's digest, the picture's own seed, and the steps that were made of each kind.
 */
export function pictureText(settings: GenerationSettings, made: { bundle: string; seed: number; fullSteps: number; shortcutSteps: number }): PictureText {
  const { strategy, steps, budget, guidance, temperature, prompt } = settings;
  const { bundle, seed, fullSteps: full_steps, shortcutSteps: shortcut_steps } = made;
  return { bundle, seed, strategy, steps, full_steps, shortcut_steps, budget, guidance, temperature, prompt };
}
