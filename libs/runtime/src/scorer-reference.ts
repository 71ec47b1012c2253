import { describeIssues, SlipstreamError, type ScorerManifest } from '@slipstream/contracts';
import { z } from 'zod';
import type { ScorerFiles } from './scorer.js';

const document = z.object({
  /** sha256 of the image graph that it was made with, hex. */
  imageGraph: z.string(),
  count: z.int().min(2),
  /** (channels) and (channels, channels), the latter over count − 1. */
  mean: z.array(z.number()),
  covariance: z.array(z.array(z.number())),
  names: z.array(z.string()),
  vectors: z.object({ type: z.literal('float32'), shape: z.tuple([z.int(), z.int()]), data: z.base64() }),
});

/** Pictures that a scorer was shown before anything else, in its space. */
export interface ScorerReference {
  readonly count: number;
  /** (channels) */
  readonly mean: Float64Array;
  /** (channels, channels), row by row. */
  readonly covariance: Float64Array;
  /** One a picture; `vectors` in the same order, (channels) each. */
  readonly names: readonly string[];
  readonly vectors: readonly Float32Array[];
}

/** Throws SlipstreamError `bundle_invalid` when the reference is not one, or not of this scorer's image graph. */
export function referenceOf({ manifest, files }: ScorerFiles): ScorerReference | undefined {
  const path = manifest.reference;
  if (path === undefined) return undefined;
  const result = document.safeParse(parseJson(files.get(path)!));
  if (!result.success) throw invalid(path, describeIssues(result.error.issues.slice(0, 5)).join('; '));
  const { imageGraph, count, mean, covariance, names, vectors } = result.data;
  const own = manifest.files.find((file) => file.path === manifest.graphs.image.file)!.sha256;
  if (imageGraph !== own) throw invalid('imageGraph', `${path} was made with the image graph ${imageGraph}, not with this scorer's ${own}: its statistics do not compare`);
  const { channels } = manifest.features;
  const flat = Float64Array.from(covariance.flat());
  const fits = mean.length === channels && flat.length === channels ** 2 && names.length === count && String(vectors.shape) === String([count, channels]);
  if (!fits) throw invalid(path, 'its parts have other sizes than count and features.channels');
  return { count, mean: Float64Array.from(mean), covariance: flat, names, vectors: rowsOf(vectors.data, manifest) };
}

function rowsOf(base64: string, { features: { channels } }: ScorerManifest): Float32Array[] {
  const values = new Float32Array(Uint8Array.from(Buffer.from(base64, 'base64')).buffer);
  return Array.from({ length: values.length / channels }, (_, i) => values.subarray(i * channels, (i + 1) * channels));
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    return undefined;
  }
}

function invalid(param: string, fault: string): SlipstreamError {
  return new SlipstreamError('bundle_invalid', `${param}: ${fault}`, { param, remedy: 'export the scorer again' });
}
