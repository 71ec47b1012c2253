import { heldGraphs, parseManifest, type BundleManifest } from '@slipstream/contracts';
import type { GraphFiles } from './onnx-runner.js';
import { readVerified, type VerifiedFiles } from './verified-files.js';

/** A bundle whose every byte is the one that its manifest promises. */
export type Bundle = VerifiedFiles<BundleManifest>;

/** Larger weights stay on the disk, where ONNX Runtime maps them into memory: no buffer holds 2 GiB. */
const HOLD_BYTES = 2 ** 30;

/** Reads a bundle; see `readVerified`. Throws SlipstreamError `bundle_invalid` naming the file and what is wrong. */
export function loadBundle(dir: string, holdBytes = HOLD_BYTES): Promise<Bundle> {
  return readVerified(dir, parseManifest, 'fetch or export the bundle again, or set BUNDLE to the folder of a whole one', holdBytes);
}

/** What a runner needs of a bundle. */
export function graphFiles({ manifest, files, dir }: Bundle): GraphFiles {
  const graphs = heldGraphs(manifest).map((name) => [name, files.get(manifest.graphs[name]!.file)!]);
  const data = files.get(manifest.weights);
  return { graphs: Object.fromEntries(graphs), weights: data ? { path: manifest.weights, data } : { dir } };
}
