import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { heldGraphs, parseManifest, SlipstreamError, type BundleManifest } from '@slipstream/contracts';
import type { GraphFiles } from './onnx-runner.js';

/** A bundle whose every byte is the one that its manifest promises. */
export interface Bundle {
  readonly manifest: BundleManifest;
  /** sha256 of the manifest's bytes, hex; through the digests inside it stands for the whole bundle. */
  readonly digest: string;
  /** Contents by path, the manifest itself left out. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/**
 * Reads a bundle and checks size and sha256 of each file. What is used later is what was checked: nothing is read twice.
 * Throws SlipstreamError `bundle_invalid` naming the file that is missing, truncated or altered.
 */
export async function loadBundle(dir: string): Promise<Bundle> {
  const manifestBytes = await read(dir, 'manifest.json');
  const manifest = parseManifest(manifestBytes.toString('utf8'));
  const files = await Promise.all(manifest.files.map(async (entry) => [entry.path, await verified(dir, entry)] as const));
  return { manifest, digest: sha256(manifestBytes), files: new Map(files) };
}

/** What a runner needs of a bundle. */
export function graphFiles({ manifest, files }: Bundle): GraphFiles {
  const graphs = heldGraphs(manifest).map((name) => [name, files.get(manifest.graphs[name]!.file)!]);
  return { graphs: Object.fromEntries(graphs), weights: { path: manifest.weights, data: files.get(manifest.weights)! } };
}

async function verified(dir: string, { path, bytes, sha256: digest }: BundleManifest['files'][number]): Promise<Uint8Array> {
  const contents = await read(dir, path);
  if (contents.length !== bytes) throw unfit(path, `has ${contents.length} bytes, the manifest promises ${bytes}`);
  if (sha256(contents) !== digest) throw unfit(path, 'was altered: its sha256 is not the one in the manifest');
  return contents;
}

async function read(dir: string, path: string): Promise<Buffer> {
  try {
    return await readFile(join(dir, path));
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown error';
    throw unfit(path, code === 'ENOENT' ? `is missing in ${dir}` : `cannot be read (${code})`, cause);
  }
}

function unfit(path: string, fault: string, cause?: unknown): SlipstreamError {
  const remedy = 'fetch or export the bundle again, or set BUNDLE to the folder of a whole one';
  return new SlipstreamError('bundle_invalid', `${path} ${fault}`, { param: path, remedy, cause });
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
