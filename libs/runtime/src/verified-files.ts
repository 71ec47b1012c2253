import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
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
  readonly dir: string;
  /** Contents by path, the manifest itself and what was left on the disk left out. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/**
 * Reads a folder's manifest and the files it lists, and checks size and sha256 of each. What is used later is what was
 * checked: nothing is read twice, but for files of more than `holdBytes`, which are checked and left on the disk (default:
 * none; a file of 2 GiB or more cannot be held). Throws SlipstreamError `bundle_invalid` naming the file that is missing, truncated or
 * altered, with the remedy.
 */
export async function readVerified<Manifest extends { readonly files: readonly FileEntry[] }>(
  dir: string,
  parse: (text: string) => Manifest,
  remedy: string,
  holdBytes = Infinity,
): Promise<VerifiedFiles<Manifest>> {
  const manifestBytes = await read(dir, 'manifest.json', remedy);
  const manifest = parse(manifestBytes.toString('utf8'));
  const [held, left] = [manifest.files.filter(({ bytes }) => bytes <= holdBytes), manifest.files.filter(({ bytes }) => bytes > holdBytes)];
  const files = await Promise.all(held.map(async (entry) => [entry.path, await verified(dir, entry, remedy)] as const));
  for (const entry of left) await verifyOnDisk(dir, entry, remedy);
  return { manifest, digest: sha256(manifestBytes), dir, files: new Map(files) };
}

async function verified(dir: string, { path, bytes, sha256: digest }: FileEntry, remedy: string): Promise<Uint8Array> {
  const contents = await read(dir, path, remedy);
  requireSame(path, { bytes: contents.length, digest: sha256(contents) }, { bytes, digest, remedy });
  return contents;
}

async function verifyOnDisk(dir: string, { path, bytes, sha256: digest }: FileEntry, remedy: string): Promise<void> {
  const file = join(dir, path);
  const { size } = await readable(stat(file), { dir, path, remedy });
  const found = size === bytes ? await readable(digestOf(file), { dir, path, remedy }) : '';
  requireSame(path, { bytes: size, digest: found }, { bytes, digest, remedy });
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file, { highWaterMark: 2 ** 20 })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

function requireSame(path: string, found: { bytes: number; digest: string }, { bytes, digest, remedy }: { bytes: number; digest: string; remedy: string }): void {
  if (found.bytes !== bytes) throw unfit(path, `has ${found.bytes} bytes, the manifest promises ${bytes}`, remedy);
  if (found.digest !== digest) throw unfit(path, 'was altered: its sha256 is not the one in the manifest', remedy);
}

const read = (dir: string, path: string, remedy: string): Promise<Buffer> => readable(readFile(join(dir, path)), { dir, path, remedy });

async function readable<T>(reading: Promise<T>, { dir, path, remedy }: { dir: string; path: string; remedy: string }): Promise<T> {
  try {
    return await reading;
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
