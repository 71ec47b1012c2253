import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SlipstreamError } from '@slipstream/contracts';

interface FileEntry {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** A folder whose every byte is the one that its manifest promises. */
export interface VerifiedFiles<Manifest> {
  readonly manifest: Manifest;
  /** sha256 of the manifest's bytes, hex; through the digests inside it stands for the whole folder. */
  readonly digest: string;
  /** Contents by path, the manifest itself left out. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/**
 * Reads a folder's manifest and the files it lists, and checks size and sha256 of each. What is used later is what was
 * checked: nothing is read twice. Throws SlipstreamError `bundle_invalid` naming the file that is missing, truncated or
 * altered, with the remedy.
 */
export async function readVerified<Manifest extends { readonly files: readonly FileEntry[] }>(
  dir: string,
  parse: (text: string) => Manifest,
  remedy: string,
): Promise<VerifiedFiles<Manifest>> {
  const manifestBytes = await read(dir, 'manifest.json', remedy);
  const manifest = parse(manifestBytes.toString('utf8'));
  const files = await Promise.all(manifest.files.map(async (entry) => [entry.path, await verified(dir, entry, remedy)] as const));
  return { manifest, digest: sha256(manifestBytes), files: new Map(files) };
}

async function verified(dir: string, { path, bytes, sha256: digest }: FileEntry, remedy: string): Promise<Uint8Array> {
  const contents = await read(dir, path, remedy);
  if (contents.length !== bytes) throw unfit(path, `has ${contents.length} bytes, the manifest promises ${bytes}`, remedy);
  if (sha256(contents) !== digest) throw unfit(path, 'was altered: its sha256 is not the one in the manifest', remedy);
  return contents;
}

async function read(dir: string, path: string, remedy: string): Promise<Buffer> {
  try {
    return await readFile(join(dir, path));
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown error';
    throw unfit(path, code === 'ENOENT' ? `is missing in ${dir}` : `cannot be read (${code})`, remedy, cause);
  }
}

function unfit(path: string, fault: string, remedy: string, cause?: unknown): SlipstreamError {
  return new SlipstreamError('bundle_invalid', `${path} ${fault}`, { param: path, remedy, cause });
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
