/** What a store says of one object. */
export interface ObjectHead {
  readonly sizeBytes: number;
  readonly contentType: string;
}

/** One object with its bytes. */
export interface StoredObject extends ObjectHead {
  readonly bytes: Uint8Array;
}

export interface PutOptions {
  /** MIME type; must be the one its key's extension stands for (`contentTypeOf`). */
  readonly contentType: string;
  /** Write only where no object has this key yet. Default false: the last writer wins. */
  readonly ifAbsent?: boolean;
  readonly signal?: AbortSignal;
}

/** An object's bytes: in memory, or so many that are made again, the same, whenever they are asked for. */
export type Payload = Uint8Array | { readonly sizeBytes: number; readonly open: () => AsyncIterable<Uint8Array> };

/**
 * Bytes under deterministic keys, which it never looks into.
 *
 * Keys are `segment/segment/name.ext`, each segment of `A-Z a-z 0-9 . _ -` and not starting with a dot; any other key
 * is refused with `picture_not_found` before anything is touched. Every method throws a `SlipstreamError` with a
 * `storage_…` code, whose entry in the error table says whether the same call can succeed later. Writes are atomic: a
 * reader sees the whole object or none.
 */
export interface ObjectStore {
  /** Where it is, for people: `file:///…` or `s3://bucket/prefix`. Never a secret. */
  readonly address: string;
  /** `present` only with `ifAbsent`: the key was taken and the object there is untouched. Idempotent otherwise. */
  put(key: string, payload: Payload, options: PutOptions): Promise<'stored' | 'present'>;
  /** undefined where no object has this key. */
  get(key: string, options?: { signal?: AbortSignal }): Promise<StoredObject | undefined>;
  /** As `put`, of bytes that come one after the other and are never all in memory; resolves to their number. A source that throws writes nothing; its SlipstreamError is passed on. */
  write(key: string, source: AsyncIterable<Uint8Array>, options: Pick<PutOptions, 'contentType' | 'signal'>): Promise<number>;
  /** At most `bytes` bytes from the byte `from` on, fewer or none at the end; undefined where no object has this key. */
  slice(key: string, range: { from: number; bytes: number }, options?: { signal?: AbortSignal }): Promise<Uint8Array | undefined>;
  /** undefined where no object has this key. */
  head(key: string, options?: { signal?: AbortSignal }): Promise<ObjectHead | undefined>;
  /** Deleting what is not there is no error. */
  delete(key: string): Promise<void>;
  /** A URL that anybody may GET until it expires. It does not check that the object exists. */
  presign(key: string, options: { expiresInSeconds: number }): Promise<string>;
  /** Resolves when an object could be written now; otherwise throws what `put` would. For readiness probes. */
  check(): Promise<void>;
  close(): Promise<void>;
}
