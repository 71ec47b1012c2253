import { randomUUID } from 'node:crypto';
import { mkdir, open, rm, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Bytes that were put aside. */
export interface Kept {
  readonly byteLength: number;
  read(): Promise<Uint8Array>;
}

export interface SpillOptions {
  /** Bytes that stay in memory, default 64 MiB. */
  readonly memoryBytes?: number | undefined;
  /** Where the rest goes, default the system's folder of temporary files. */
  readonly directory?: string | undefined;
}

/**
 * Where the pictures of a shard wait for it to be written: the first in memory, those that do not fit in a file that has no
 * name from its first byte on, so that whatever ends the process leaves nothing behind.
 */
export class Spill {
  readonly #options: SpillOptions;
  #memoryLeft: number;
  #file: Promise<FileHandle> | undefined;
  #fileBytes = 0;

  constructor(options: SpillOptions = {}) {
    this.#options = options;
    this.#memoryLeft = options.memoryBytes ?? 64 * 2 ** 20;
  }

  /** Some of it is in the file. */
  get spilled(): boolean {
    return this.#file !== undefined;
  }

  async keep(bytes: Uint8Array): Promise<Kept> {
    const { byteLength } = bytes;
    this.#memoryLeft -= byteLength;
    if (this.#memoryLeft >= 0) return keptInMemory(bytes);
    const at = this.#fileBytes;
    this.#fileBytes += byteLength;
    const file = await (this.#file ??= this.#open());
    await writeAll(file, bytes, at);
    return keptIn(file, { at, byteLength });
  }

  /** What is kept cannot be read any more. */
  async close(): Promise<void> {
    await (await this.#file?.catch(() => undefined))?.close();
  }

  async #open(): Promise<FileHandle> {
    const { directory = tmpdir() } = this.#options;
    await mkdir(directory, { recursive: true });
    const path = join(directory, `slipstream-${randomUUID()}`);
    const file = await open(path, 'wx+', 0o600);
    await rm(path);
    return file;
  }
}

// Two functions: closures of one share what either of them holds on to.
const keptInMemory = (bytes: Uint8Array): Kept => ({ byteLength: bytes.byteLength, read: async () => bytes });
const keptIn = (file: FileHandle, { at, byteLength }: { at: number; byteLength: number }): Kept => ({ byteLength, read: () => readAll(file, { at, byteLength }) });

async function writeAll(file: FileHandle, bytes: Uint8Array, at: number): Promise<void> {
  for (let done = 0; done < bytes.byteLength; ) done += (await file.write(bytes, done, bytes.byteLength - done, at + done)).bytesWritten;
}

async function readAll(file: FileHandle, { at, byteLength }: { at: number; byteLength: number }): Promise<Uint8Array> {
  const bytes = new Uint8Array(byteLength);
  for (let done = 0; done < byteLength; ) {
    const { bytesRead } = await file.read(bytes, done, byteLength - done, at + done);
    if (bytesRead === 0) throw new Error('the file of a shard that is in the making was cut short');
    done += bytesRead;
  }
  return bytes;
}
