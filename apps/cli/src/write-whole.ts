import { randomBytes } from 'node:crypto';
import { access, constants, mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { SlipstreamError } from '@slipstream/contracts';

/**
 * Writes a file so that it is either there in full or not at all: under a temporary name beside it, then renamed.
 * @throws SlipstreamError `storage_full` or `storage_unavailable`, naming the file.
 */
export async function writeWhole(path: string, content: Uint8Array | string): Promise<void> {
  const temporary = `${path}.${randomBytes(4).toString('hex')}.part`;
  try {
    await writeFile(temporary, content, { flag: 'wx' });
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true });
    throw unwritable(path, cause);
  }
}

/** Fails before the work is done rather than after it, when a file could not be written. Throws as `writeWhole` does. */
export async function checkWritableFile(path: string): Promise<void> {
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (isFolder) throw unwritable(path, Object.assign(new Error('a folder'), { code: 'EISDIR' }));
  await access(dirname(path), constants.W_OK).catch((cause: unknown) => {
    throw unwritable(path, cause);
  });
}

/** Makes a folder to write to. Throws as `writeWhole` does. */
export async function makeWritableFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
    await access(path, constants.W_OK);
  } catch (cause) {
    throw unwritable(path, cause);
  }
}

const reasons: Record<string, string> = {
  ENOENT: 'its folder does not exist',
  ENOTDIR: 'a part of the path is a file',
  EEXIST: 'a file of that name is in the way',
  EISDIR: 'it is a folder',
  EACCES: 'permission is missing',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  ENAMETOOLONG: 'the name is too long',
};

function unwritable(path: string, cause: unknown): SlipstreamError {
  const code = (cause as NodeJS.ErrnoException | undefined)?.code ?? '';
  const remedy = code === 'ENOSPC' ? 'make room or name another place with --out' : 'name another place with --out';
  return new SlipstreamError(
    code === 'ENOSPC' ? 'storage_full' : 'storage_unavailable',
    `cannot write ${path}: ${reasons[code] ?? (code || 'unknown reason')}`,
    { param: '--out', remedy, cause },
  );
}
