import { z } from 'zod';
import { stepMap } from './step-map.js';

/**
 * A picture just before one of its full steps, from where it can go on: that step computes all features anew, so tokens
 * and step say everything, with what little else its strategy needs. Plain data of a few hundred bytes.
 */
export const checkpoint = z.object({
  /** Steps done. */
  step: z.int().positive(),
  /** (imageTokens), the mask among them. */
  tokens: z.array(z.int().nonnegative()),
  /** Of the steps done. */
  stepMap,
  /** The strategy's own numbers. */
  memo: z.record(z.string(), z.number()).optional(),
});
export type Checkpoint = z.infer<typeof checkpoint>;

/** Where the pictures of a job can go on; null for one that begins at its beginning. Worth nothing under another bundle. */
export const checkpoints = z.object({ bundle: z.string(), pictures: z.array(checkpoint.nullable()) });
export type Checkpoints = z.infer<typeof checkpoints>;
