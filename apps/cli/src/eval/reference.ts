import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { describeIssues, SlipstreamError, type BundleManifest } from '@slipstream/contracts';

const reference = z.object({
  /** Training pictures as tokens. */
  entries: z
    .array(z.object({ name: z.string(), keywords: z.array(z.string()).default([]), categories: z.array(z.string()), tokens: z.array(z.int().nonnegative()) }))
    .min(1, 'there are no reference pictures to judge by, as in bundles that were imported'),
  /** What the bundle is judged on. */
  prompts: z.object({ names: z.array(z.string()), categories: z.array(z.string()) }),
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

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as unknown;
  } catch (cause) {
    throw invalid(path, 'it is missing or no JSON', cause);
  }
}

const invalid = (path: string, fault: string, cause?: unknown): SlipstreamError =>
  new SlipstreamError('bundle_invalid', `${path}: ${fault}`, { param: path, remedy: 'export the bundle again', cause });
