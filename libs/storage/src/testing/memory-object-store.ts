import type { ObjectHead, ObjectStore, Payload, PutOptions, StoredObject } from '../object-store.js';
import { checkedKey, checkedPut, contentTypeOf } from '../storage-key.js';
import type { UrlSigner } from '../url-signer.js';

/** An ObjectStore for tests; a fault set on it is thrown by every following call. */
export class MemoryObjectStore implements ObjectStore {
  readonly address = 'memory:';
  readonly objects = new Map<string, Uint8Array>();
  fault: Error | undefined;
  readonly #signer: UrlSigner | undefined;

  constructor(signer?: UrlSigner) {
    this.#signer = signer;
  }

  async put(key: string, payload: Payload, options: PutOptions): Promise<'stored' | 'present'> {
    checkedPut(key, options.contentType);
    options.signal?.throwIfAborted();
    this.#throwFault();
    if (options.ifAbsent && this.objects.has(key)) return 'present';
    this.objects.set(key, payload instanceof Uint8Array ? payload.slice() : await collected(payload.open()));
    return 'stored';
  }

  async write(key: string, source: AsyncIterable<Uint8Array>, options: Pick<PutOptions, 'contentType' | 'signal'>): Promise<number> {
    checkedPut(key, options.contentType);
    options.signal?.throwIfAborted();
    await this.put(key, await collected(source), options);
    return this.objects.get(key)!.byteLength;
  }

  async slice(key: string, { from, bytes }: { from: number; bytes: number }): Promise<Uint8Array | undefined> {
    return (await this.get(key))?.bytes.subarray(from, from + bytes);
  }

  async get(key: string): Promise<StoredObject | undefined> {
    const head = await this.head(key);
    return head && { ...head, bytes: Buffer.from(this.objects.get(key)!) };
  }

  async head(key: string): Promise<ObjectHead | undefined> {
    const bytes = this.objects.get(checkedKey(key));
    this.#throwFault();
    return bytes && { sizeBytes: bytes.byteLength, contentType: contentTypeOf(key) };
  }

  async delete(key: string): Promise<void> {
    this.#throwFault();
    this.objects.delete(checkedKey(key));
  }

  async presign(key: string, options: { expiresInSeconds: number }): Promise<string> {
    return `memory:/${checkedKey(key)}?${this.#signer?.sign(key, options) ?? ''}`;
  }

  async check(): Promise<void> {
    this.#throwFault();
  }

  async close(): Promise<void> {}

  #throwFault(): void {
    if (this.fault) throw this.fault;
  }
}

async function collected(source: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source) chunks.push(chunk);
  return Buffer.concat(chunks);
}
