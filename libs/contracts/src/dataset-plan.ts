import { z } from 'zod';
import { sampling } from './generation-settings.js';
import { outputFormats } from './generation-request.js';

/** Names files and object keys: nothing in it can leave a folder. */
export const datasetName = z.string('must be a text').regex(/^[a-z0-9][a-z0-9_-]{0,63}$/, 'must be 1 to 64 lower-case letters, digits, "_" or "-", the first a letter or digit');

/** What is left out of the shards, though it was made. */
export const datasetFilters = z.strictObject({
  /** Least score by the scorer of that name, in points of 100. */
  minScore: z.strictObject({ scorer: z.string().min(1), value: z.number() }).optional(),
  /** Pictures of equal pixels: the first of a shard is kept. */
  exactDuplicates: z.boolean().default(false),
  /** Pictures whose difference hashes differ in at most so many of 64 bits: the first of a shard is kept. */
  nearDuplicates: z.int().min(0).max(16).optional(),
});
export type DatasetFilters = z.infer<typeof datasetFilters>;

/**
 * All that decides a data set's bytes, fixed before its first picture. Sample i, 0 … prompts × picturesPerPrompt − 1, is
 * picture i mod picturesPerPrompt of prompt ⌊i ÷ picturesPerPrompt⌋; shard s holds the samples from ⌊samples × s ÷ shards⌋
 * up to the next shard's first.
 */
export const datasetPlan = z.strictObject({
  format: z.literal('slipstream-dataset'),
  version: z.literal(1),
  name: datasetName,
  /** `digest`: sha256 of the bundle's manifest, hex. */
  bundle: z.strictObject({ name: z.string(), digest: z.string() }),
  settings: sampling.extend({
    outputFormat: z.enum(outputFormats),
    /** Quality of jpeg and webp; png is lossless. */
    outputCompression: z.int().min(0).max(100),
    background: z.enum(['transparent', 'opaque']),
  }),
  prompts: z.strictObject({
    /** Where they came from, in words. */
    source: z.string(),
    count: z.int().positive(),
    /** Rows among them that are no prompt: their samples fail, with the reason. */
    faulty: z.int().nonnegative(),
    /** sha256 of all rows as read, hex. */
    sha256: z.string(),
  }),
  picturesPerPrompt: z.int().positive(),
  /** A sample whose prompt brings no seed has one of this seed and its key. */
  seed: z.int().min(0).max(Number.MAX_SAFE_INTEGER),
  shards: z.int().positive(),
  filters: datasetFilters,
});
export type DatasetPlan = z.infer<typeof datasetPlan>;
