import { z } from 'zod';

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

/** What of a provenance depends on the request alone. */
export type PictureProvenance = Pick<Provenance, 'bundle' | 'seed' | 'strategy' | 'steps' | 'full_steps' | 'shortcut_steps'>;

/**
 * The provenance written into a picture's own metadata. Clock readings stay out: the same bundle, request and seed
 * give the same file, byte for byte.
 */
export function pictureProvenance({ bundle, seed, strategy, steps, full_steps, shortcut_steps }: Provenance): PictureProvenance {
  return { bundle, seed, strategy, steps, full_steps, shortcut_steps };
}
