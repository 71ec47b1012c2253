import { pack } from 'tar-stream';

export interface TarEntry {
  readonly name: string;
  readonly read: () => Promise<Uint8Array>;
}

/** A ustar archive whose bytes depend on names and contents alone: no owner, no clock. An entry or two are in memory. */
export async function* tarBytes(entries: Iterable<TarEntry>): AsyncGenerator<Uint8Array> {
  const archive = pack();
  const filled = fill(archive, entries).catch((error: Error) => archive.destroy(error));
  try {
    for await (const chunk of archive) yield chunk as Uint8Array;
  } finally {
    archive.destroy();
  }
  await filled;
}

async function fill(archive: ReturnType<typeof pack>, entries: Iterable<TarEntry>): Promise<void> {
  for (const { name, read } of entries) {
    const { buffer, byteOffset, byteLength } = await read();
    await new Promise<void>((resolve, reject) => archive.entry({ name, mode: 0o644, mtime: new Date(0), uid: 0, gid: 0, uname: '', gname: '' }, Buffer.from(buffer, byteOffset, byteLength), (error) => (error ? reject(error) : resolve())));
  }
  archive.finalize();
}
