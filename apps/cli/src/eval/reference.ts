import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { describeIssues, SlipstreamError, type BundleManifest } from '@slipstream/contracts';

const reference = z.object({
  /** Training pictures as tokens; none in a bundle of published weights. */
  entries: z.array(z.object({ name: z.string(), keywords: z.array(z.string()).default([]), categories: z.array(z.string()), tokens: z.array(z.int().nonnegative()) })),
  /** What the bundle is measured and judged on. */
  prompts: z.object({ names: z.array(z.string()).min(1), categories: z.array(z.string()) }),
});

export type Reference = z.infer<typeof reference>;
export type ReferenceEntry = Reference['entries'][number];

/**
 * Reads the reference pictures of a bundle.
 * @throws SlipstreamError `bundle_invalid`, naming the file and what is wrong with it.
 */
export async function readReference(bundleDir: string, manifest: BundleManifest): Promise<Reference> {
  const path = join(bundleDir, manifest.reference);
  const parsed = reference.safeParse(await readJson(path));
  if (!parsed.success) throw invalid(path, describeIssues(parsed.error.issues.slice(0, 5)).join('; '));
  const odd = parsed.data.entries.find((entry) => entry.tokens.length !== manifest.tokens.image);
  if (odd !== undefined)
    throw invalid(path, `"${odd.name}" has ${odd.tokens.length} tokens, not ${manifest.tokens.image}`);
  return parsed.data;
}

/**
 * The same where pictures are to be judged by it.
 * @throws SlipstreamError also `configuration_invalid`, naming --bundle, where there is no picture to judge by.
 */
export async function readPictures(bundleDir: string, manifest: BundleManifest): Promise<Reference> {
  const found = await readReference(bundleDir, manifest);
  if (found.entries.length > 0) return found;
  throw new SlipstreamError('configuration_invalid', `--bundle ${manifest.name} has no reference pictures to judge others by`, { param: '--bundle', remedy: 'name a bundle that the trainer made, or measure this one with bench' });
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as unknown;
  } catch (cause) {
    throw invalid(path, 'it is missing or no JSON', cause);
  }
}

const invalid = (path: string, fault: string, cause?: unknown): SlipstreamError =>
  new SlipstreamError('bundle_invalid', `${path}: ${fault}`, { param: path, remedy: 'export the bundle again', cause });
