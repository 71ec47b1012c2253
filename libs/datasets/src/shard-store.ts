import { createHash } from 'node:crypto';

/** An object's bytes: in memory, or so many that are made again, the same, whenever they are asked for. */
export type Payload = Uint8Array | { readonly sizeBytes: number; readonly open: () => AsyncIterable<Uint8Array> };

/**
 * Where a data set lies: keys of one segment, `name.ext`, each an object whole or not there. Fulfilled by any ObjectStore.
 * `put` with `ifAbsent` says `present` and leaves what is there untouched where the key is taken.
 */
export interface ShardStore {
  put(key: string, bytes: Payload, options: { readonly contentType: string; readonly ifAbsent?: boolean; readonly signal?: AbortSignal }): Promise<'stored' | 'present'>;
  /** As `put`, of bytes that come one after the other and are never all in memory. */
  write(key: string, source: AsyncIterable<Uint8Array>, options: { readonly contentType: string; readonly signal?: AbortSignal }): Promise<number>;
  get(key: string, options?: { signal?: AbortSignal }): Promise<{ readonly bytes: Uint8Array } | undefined>;
  /** At most `bytes` bytes from the byte `from` on, fewer or none at the end; undefined where there is nothing. */
  slice(key: string, range: { readonly from: number; readonly bytes: number }): Promise<Uint8Array | undefined>;
  head(key: string, options?: { signal?: AbortSignal }): Promise<{ readonly sizeBytes: number } | undefined>;
  delete(key: string): Promise<void>;
}

export const mediaTypes = {
  tar: 'application/x-tar',
  parquet: 'application/vnd.apache.parquet',
  json: 'application/json',
  jsonl: 'application/jsonl',
  md: 'text/markdown',
} as const;

/** The part of a larger store whose keys begin with `prefix`. */
export function under(store: ShardStore, prefix: string): ShardStore {
  return {
    put: (key, bytes, options) => store.put(prefix + key, bytes, options),
    write: (key, source, options) => store.write(prefix + key, source, options),
    get: (key, options) => store.get(prefix + key, options),
    slice: (key, range) => store.slice(prefix + key, range),
    head: (key, options) => store.head(prefix + key, options),
    delete: (key) => store.delete(prefix + key),
  };
}

/** The bytes of an object, a slice in memory, by default of a megabyte; none where there is no such object. */
export async function* slicesOf(store: Pick<ShardStore, 'slice'>, key: string, bytes = 1 << 20): AsyncGenerator<Uint8Array> {
  for (let from = 0; ; ) {
    const slice = await store.slice(key, { from, bytes });
    if (!slice || slice.byteLength === 0) return;
    yield slice;
    from += slice.byteLength;
  }
}

/** sha256 of an object, hex; undefined where there is none. */
export async function digestOf(store: Pick<ShardStore, 'slice'>, key: string): Promise<string | undefined> {
  const digest = createHash('sha256');
  let found = false;
  for await (const slice of slicesOf(store, key)) {
    found = true;
    digest.update(slice);
  }
  return found ? digest.digest('hex') : undefined;
}
