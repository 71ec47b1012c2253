import { execFile } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A disk of a few megabytes that can be filled up. */
export interface SmallDisk {
  readonly folder: string;
  fill(): Promise<void>;
  free(): Promise<void>;
  dispose(): Promise<void>;
}

/** Mounts one at the folder; the reason in words where this machine does not let us. */
export async function mountSmallDisk(folder: string, { megabytes = 64 } = {}): Promise<SmallDisk | string> {
  await mkdir(folder, { recursive: true });
  const refusal = await run('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder]).then(() => undefined, (error: Error) => error.message.trim());
  if (refusal !== undefined) return refusal;
  const filler = join(folder, 'filler');
  return {
    folder,
    async fill() {
      const piece = Buffer.alloc(2 ** 20);
      while (await writeFile(filler, piece, { flag: 'a' }).then(() => true, () => false));
      while (await writeFile(filler, piece.subarray(0, 4096), { flag: 'a' }).then(() => true, () => false));
    },
    free: () => rm(filler, { force: true }),
    dispose: async () => void (await run('umount', ['-l', folder])),
  };
}
