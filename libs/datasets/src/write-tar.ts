import { pack } from 'tar-stream';

export interface TarEntry {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** A ustar archive whose bytes depend on names and contents alone: no owner, no clock. */
export async function writeTar(entries: Iterable<TarEntry>): Promise<Buffer> {
  const archive = pack();
  const chunks: Buffer[] = [];
  const done = new Promise<void>((resolve, reject) => archive.on('data', (chunk) => chunks.push(chunk as Buffer)).on('end', resolve).on('error', reject));
  for (const { name, bytes } of entries) archive.entry({ name, mode: 0o644, mtime: new Date(0), uid: 0, gid: 0, uname: '', gname: '' }, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  archive.finalize();
  await done;
  return Buffer.concat(chunks);
}
