import type { ShardStore } from '../shard-store.js';

/** A store in memory. `files` are its objects, to look at and to damage. */
export class MemoryStore implements ShardStore {
  readonly files = new Map<string, Uint8Array>();

  async put(key: string, bytes: Uint8Array, { ifAbsent }: { ifAbsent?: boolean } = {}): Promise<'stored' | 'present'> {
    if (ifAbsent && this.files.has(key)) return 'present';
    this.files.set(key, bytes);
    return 'stored';
  }

  async get(key: string): Promise<{ bytes: Uint8Array } | undefined> {
    const bytes = this.files.get(key);
    return bytes && { bytes };
  }

  async head(key: string): Promise<{ sizeBytes: number } | undefined> {
    const bytes = this.files.get(key);
    return bytes && { sizeBytes: bytes.byteLength };
  }

  async delete(key: string): Promise<void> {
    this.files.delete(key);
  }
}
