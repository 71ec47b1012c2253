import type { Payload, ShardStore } from '../shard-store.js';

/** A store in memory. `files` are its objects, to look at and to damage. */
export class MemoryStore implements ShardStore {
  readonly files = new Map<string, Uint8Array>();

  async put(key: string, payload: Payload, { ifAbsent }: { ifAbsent?: boolean } = {}): Promise<'stored' | 'present'> {
    if (ifAbsent && this.files.has(key)) return 'present';
    this.files.set(key, payload instanceof Uint8Array ? payload : await collected(payload.open()));
    return 'stored';
  }

  async write(key: string, source: AsyncIterable<Uint8Array>): Promise<number> {
    const bytes = await collected(source);
    await this.put(key, bytes);
    return bytes.byteLength;
  }

  async get(key: string): Promise<{ bytes: Uint8Array } | undefined> {
    const bytes = this.files.get(key);
    return bytes && { bytes };
  }

  async slice(key: string, { from, bytes }: { from: number; bytes: number }): Promise<Uint8Array | undefined> {
    return this.files.get(key)?.subarray(from, from + bytes);
  }

  async head(key: string): Promise<{ sizeBytes: number } | undefined> {
    const bytes = this.files.get(key);
    return bytes && { sizeBytes: bytes.byteLength };
  }

  async delete(key: string): Promise<void> {
    this.files.delete(key);
  }
}

async function collected(source: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of source) pieces.push(piece);
  return new Uint8Array(Buffer.concat(pieces));
}
