import { extract } from 'tar-stream';

/** The members of a tar, in order. Rejects with what the reader throws for bytes that are none. */
export async function* readTar(bytes: Uint8Array): AsyncGenerator<{ name: string; bytes: Buffer }> {
  const archive = extract();
  archive.end(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  for await (const entry of archive) {
    const chunks: Buffer[] = [];
    for await (const chunk of entry) chunks.push(chunk as Buffer);
    yield { name: entry.header.name, bytes: Buffer.concat(chunks) };
  }
}
