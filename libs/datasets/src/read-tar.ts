import { Readable } from 'node:stream';
import { extract } from 'tar-stream';

/** The members of a tar, in order, one in memory. Rejects with what the reader throws for bytes that are none. */
export async function* readTar(bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<{ name: string; bytes: Buffer }> {
  const archive = extract();
  const source = Readable.from(bytes).on('error', (error) => archive.destroy(error));
  source.pipe(archive);
  try {
    for await (const entry of archive) {
      const chunks: Buffer[] = [];
      for await (const chunk of entry) chunks.push(chunk as Buffer);
      yield { name: entry.header.name, bytes: Buffer.concat(chunks) };
    }
  } finally {
    source.destroy();
  }
}
