import { SlipstreamError } from '@slipstream/contracts';

/** No such file, or a file where a folder of the key should be. */
export function isMissing(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === 'ENOENT' || code === 'ENOTDIR';
}

/** A file system's refusal in the words of the error table. An abort and a refused key pass as they are. */
export function folderError(error: unknown, place: { verb: string; directory: string }): unknown {
  if (error instanceof SlipstreamError || (error as Error)?.name === 'AbortError') return error;
  const { verb, directory } = place;
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new SlipstreamError('storage_full', `no space left to ${verb} in ${directory} (${code})`, {
        cause: error,
        remedy: 'free space on that disk, or point STORAGE_URL at another folder or bucket',
      });
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new SlipstreamError('storage_denied', `may not ${verb} in ${directory} (${code})`, {
        cause: error,
        remedy: 'give the process write permission on the folder of STORAGE_URL',
      });
    case 'ENOTDIR':
    case 'EEXIST':
    case 'ENOENT':
      return new SlipstreamError('storage_unavailable', `${directory} cannot be used as a folder (${code})`, {
        cause: error,
        remedy: 'point STORAGE_URL at a folder, or at a path where one can be made',
      });
    default:
      return new SlipstreamError('storage_unavailable', `cannot ${verb} in ${directory} (${code})`, {
        cause: error,
        remedy: 'check the disk under the folder of STORAGE_URL',
      });
  }
}
