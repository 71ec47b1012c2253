import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
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
  readonly dir: string;
  /** Contents by path; without the manifest itself, and without what was checked in passing. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

export interface ReadOptions<Manifest> {
  readonly parse: (text: string) => Manifest;
  /** What to do about a file that is not right. */
  readonly remedy: string;
  /** A file that is checked and not kept, because others map it into memory; default none. */
  readonly mapped?: (manifest: Manifest) => string;
}

/**
 * Reads a folder's manifest and the files it lists, and checks size and sha256 of each. What is kept is what was checked;
 * a mapped file is read again by whoever maps it, and must stay as it is. Throws SlipstreamError `bundle_invalid` naming
 * the file that is missing, truncated or altered, with the remedy.
 */
export async function readVerified<Manifest extends { readonly files: readonly FileEntry[] }>(
  dir: string,
  { parse, remedy, mapped }: ReadOptions<Manifest>,
): Promise<VerifiedFiles<Manifest>> {
  const manifestBytes = await read(dir, 'manifest.json', remedy);
  const manifest = parse(manifestBytes.toString('utf8'));
  const passing = mapped?.(manifest);
  const kept = manifest.files.filter(({ path }) => path !== passing);
  const [files] = await Promise.all([
    Promise.all(kept.map(async (entry) => [entry.path, await verified(dir, entry, remedy)] as const)),
    ...manifest.files.filter(({ path }) => path === passing).map((entry) => verifyInPassing(dir, entry, remedy)),
  ]);
  return { manifest, digest: sha256(manifestBytes), dir: resolve(dir), files: new Map(files) };
}

async function verified(dir: string, entry: FileEntry, remedy: string): Promise<Uint8Array> {
  const contents = await read(dir, entry.path, remedy);
  requirePromised(entry, { bytes: contents.length, sha256: sha256(contents) }, remedy);
  return contents;
}

async function verifyInPassing(dir: string, entry: FileEntry, remedy: string): Promise<void> {
  const hash = createHash('sha256');
  let bytes = 0;
  try {
    for await (const part of createReadStream(join(dir, entry.path), { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
      hash.update(part);
      bytes += part.length;
    }
  } catch (cause) {
    throw unreadable(dir, entry.path, remedy, cause);
  }
  requirePromised(entry, { bytes, sha256: hash.digest('hex') }, remedy);
}

function requirePromised({ path, bytes, sha256: digest }: FileEntry, found: Omit<FileEntry, 'path'>, remedy: string): void {
  if (found.bytes !== bytes) throw unfit(path, `has ${found.bytes} bytes, the manifest promises ${bytes}`, remedy);
  if (found.sha256 !== digest) throw unfit(path, 'was altered: its sha256 is not the one in the manifest', remedy);
}

async function read(dir: string, path: string, remedy: string): Promise<Buffer> {
  try {
    return await readFile(join(dir, path));
  } catch (cause) {
    throw unreadable(dir, path, remedy, cause);
  }
}

function unreadable(dir: string, path: string, remedy: string, cause: unknown): SlipstreamError {
  const code = (cause as NodeJS.ErrnoException).code ?? 'unknown error';
  return unfit(path, code === 'ENOENT' ? `is missing in ${dir}` : `cannot be read (${code})`, remedy, cause);
}

function unfit(path: string, fault: string, remedy: string, cause?: unknown): SlipstreamError {
  return new SlipstreamError('bundle_invalid', `${path} ${fault}`, { param: path, remedy, cause });
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
