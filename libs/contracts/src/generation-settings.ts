import { z } from 'zod';
import { knobs, strategyNames } from './strategies.js';

/** All that decides how good a picture can be, but for prompt and seed. */
export const sampling = z.object({
  strategy: z.enum(strategyNames),
  steps: z.int().min(1),
  /** Full steps among `steps`, at most so many; equal to `steps` under a strategy that has no such choice. */
  budget: z.int().min(1),
  /** The strategy's own, all of them and no others. */
  knobs,
  guidance: z.number(),
  temperature: z.number(),
});
export type Sampling = z.infer<typeof sampling>;

/** A request with every choice made against a bundle: what the queue carries and the engine runs. */
export const generationSettings = sampling.extend({
  /** The bundle's name. */
  model: z.string(),
  prompt: z.string(),
  /** Pictures; picture i has the seed `seed + i`. */
  n: z.int().min(1).max(10),
  seed: z.int().min(0).max(Number.MAX_SAFE_INTEGER),
  outputFormat: z.enum(['png', 'jpeg', 'webp']),
  /** Quality of jpeg and webp, 0 to 100; png is lossless. */
  outputCompression: z.int().min(0).max(100),
  /** Straight alpha kept, or the picture laid on white. */
  background: z.enum(['transparent', 'opaque']),
  /** The seed was drawn and not asked for: nobody has made these pictures before. */
  seedDrawn: z.literal(true).optional(),
  /** `off`: made anew, every step computed, nothing kept. Left out, it is on. */
  cache: z.literal('off').optional(),
  /** How many previews of each picture are made on the way. Left out, none. */
  previews: z.int().min(1).max(16).optional(),
  /** Present when the sampling above is safer than what was asked for, because audits found that wanting. */
  fallback: z.object({ from: sampling, level: z.int().min(1), reason: z.string() }).optional(),
});

export type GenerationSettings = z.infer<typeof generationSettings>;

/** The sampling of settings, and nothing else of them. */
export function samplingOf({ strategy, steps, budget, knobs, guidance, temperature }: Sampling): Sampling {
  return { strategy, steps, budget, knobs, guidance, temperature };
}
