/**
 * Where a data set lies: keys of one segment, `name.ext`, each an object whole or not there. Fulfilled by any ObjectStore.
 * `put` with `ifAbsent` says `present` and leaves what is there untouched where the key is taken.
 */
export interface ShardStore {
  put(key: string, bytes: Uint8Array, options: { readonly contentType: string; readonly ifAbsent?: boolean; readonly signal?: AbortSignal }): Promise<'stored' | 'present'>;
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

/** The bytes of an object, 64 KiB in memory at a time; none where there is no such object. */
export async function* slicesOf(store: Pick<ShardStore, 'slice'>, key: string): AsyncGenerator<Uint8Array> {
  for (let from = 0; ; ) {
    const slice = await store.slice(key, { from, bytes: 65_536 });
    if (!slice || slice.byteLength === 0) return;
    yield slice;
    from += slice.byteLength;
  }
}
