import { heldGraphs, parseManifest, type BundleManifest } from '@slipstream/contracts';
import type { GraphFiles } from './graph-sessions.js';
import { readVerified, type VerifiedFiles } from './verified-files.js';

/** A bundle whose every byte is the one that its manifest promises. The weights are not read: who opens a graph maps them. */
export type Bundle = VerifiedFiles<BundleManifest>;

/** Reads a bundle; see `readVerified`. Throws SlipstreamError `bundle_invalid` naming the file and what is wrong. */
export function loadBundle(dir: string): Promise<Bundle> {
  return readVerified(dir, {
    parse: parseManifest,
    remedy: 'fetch or export the bundle again, or set BUNDLE to the folder of a whole one',
    mapped: ({ weights }) => weights,
  });
}

/** What a runner needs of a bundle. */
export function graphFiles({ manifest, files, dir }: Bundle): GraphFiles {
  const graphs = heldGraphs(manifest).map((name) => [name, files.get(manifest.graphs[name]!.file)!]);
  return { graphs: Object.fromEntries(graphs), folder: dir };
}

const LARGE_BYTES = 256 * 2 ** 20;

/** Whether a full step takes so long, and a graph so much memory, that nothing is run or opened before it is wanted. */
export function isLarge({ files, weights }: BundleManifest): boolean {
  return files.some(({ path, bytes }) => path === weights && bytes >= LARGE_BYTES);
}
