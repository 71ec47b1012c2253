import { randomUUID } from 'node:crypto';
import * as nodeFs from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { SlipstreamError } from '@slipstream/contracts';
import { counted } from './counted.js';
import { folderError, isMissing } from './folder-error.js';
import type { ObjectHead, ObjectStore, Payload, PutOptions, StoredObject } from './object-store.js';
import { checkedKey, checkedPut, contentTypeOf } from './storage-key.js';
import type { UrlSigner } from './url-signer.js';

/** The calls of `node:fs/promises` that the folder makes; a test hands in one whose disk is full. */
export type FolderFs = Pick<typeof nodeFs, 'mkdir' | 'writeFile' | 'rename' | 'link' | 'rm' | 'readFile' | 'stat' | 'open'>;

export interface FolderObjectStoreOptions {
  readonly directory: string;
  /** Base of the URLs handed out; a gateway there serves `GET <publicUrl>/v1/<key>?expires&signature`. */
  readonly publicUrl?: string;
  /** Without one, `presign` throws. */
  readonly signer?: UrlSigner;
  readonly fs?: FolderFs;
}

/**
 * Objects as files of one directory, which it makes on the first write. A write goes to `.incoming/` beside them and is
 * renamed (or, with `ifAbsent`, linked) into place, so a reader never sees half a file, nor does a killed writer leave
 * one under a key. The content type is the extension's.
 */
export class FolderObjectStore implements ObjectStore {
  readonly address: string;
  readonly #directory: string;
  readonly #fs: FolderFs;
  readonly #publicUrl: string;
  readonly #signer: UrlSigner | undefined;

  constructor(options: FolderObjectStoreOptions) {
    this.#directory = resolve(options.directory);
    this.#fs = options.fs ?? nodeFs;
    this.#publicUrl = (options.publicUrl ?? '').replace(/\/+$/, '');
    this.#signer = options.signer;
    this.address = pathToFileURL(this.#directory).href;
  }

  async put(key: string, payload: Payload, options: PutOptions): Promise<'stored' | 'present'> {
    const target = join(this.#directory, checkedPut(key, options.contentType));
    options.signal?.throwIfAborted();
    return this.#guard('write', () => this.#place(target, payload instanceof Uint8Array ? payload : payload.open(), options));
  }

  async write(key: string, source: AsyncIterable<Uint8Array>, options: Pick<PutOptions, 'contentType' | 'signal'>): Promise<number> {
    const target = join(this.#directory, checkedPut(key, options.contentType));
    options.signal?.throwIfAborted();
    const size = { bytes: 0 };
    await this.#guard('write', () => this.#place(target, counted(source, size), options));
    return size.bytes;
  }

  async slice(key: string, { from, bytes }: { from: number; bytes: number }): Promise<Uint8Array | undefined> {
    const path = join(this.#directory, checkedKey(key));
    return this.#guard('read', async () => {
      const file = await this.#fs.open(path).catch(missingIsUndefined);
      if (!file) return undefined;
      try {
        const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(bytes), 0, bytes, from);
        return buffer.subarray(0, bytesRead);
      } finally {
        await file.close();
      }
    });
  }

  async get(key: string, options?: { signal?: AbortSignal }): Promise<StoredObject | undefined> {
    const path = join(this.#directory, checkedKey(key));
    return this.#guard('read', async () => {
      const bytes = await this.#fs.readFile(path, { signal: options?.signal }).catch(missingIsUndefined);
      return bytes && { bytes, sizeBytes: bytes.byteLength, contentType: contentTypeOf(key) };
    });
  }

  async head(key: string): Promise<ObjectHead | undefined> {
    const path = join(this.#directory, checkedKey(key));
    return this.#guard('read', async () => {
      const stat = await this.#fs.stat(path).catch(missingIsUndefined);
      return stat?.isFile() ? { sizeBytes: stat.size, contentType: contentTypeOf(key) } : undefined;
    });
  }

  async delete(key: string): Promise<void> {
    const path = join(this.#directory, checkedKey(key));
    await this.#guard('delete', () => this.#fs.rm(path, { force: true }));
  }

  async presign(key: string, options: { expiresInSeconds: number }): Promise<string> {
    if (!this.#signer) throw new SlipstreamError('configuration_invalid', 'this process has no key to sign picture links with', { param: 'SIGNING_KEY', remedy: 'set SIGNING_KEY' });
    return `${this.#publicUrl}/v1/${checkedKey(key)}?${this.#signer.sign(key, options)}`;
  }

  async check(): Promise<void> {
    await this.#guard('write', () => this.#incoming(new Uint8Array(1), (path) => this.#fs.stat(path)));
  }

  async close(): Promise<void> {}

  async #place(target: string, bytes: Uint8Array | AsyncIterable<Uint8Array>, options: Partial<PutOptions>): Promise<'stored' | 'present'> {
    return this.#incoming(bytes, async (path) => {
      await this.#fs.mkdir(dirname(target), { recursive: true });
      if (!options.ifAbsent) return this.#fs.rename(path, target).then(() => 'stored' as const);
      return this.#fs.link(path, target).then(
        () => 'stored' as const,
        (error: NodeJS.ErrnoException) => {
          if (error.code === 'EEXIST') return 'present' as const;
          throw error;
        },
      );
    });
  }

  /** Writes the bytes to a file of their own, hands its path on, and leaves nothing behind. */
  async #incoming<T>(bytes: Uint8Array | AsyncIterable<Uint8Array>, use: (path: string) => Promise<T>): Promise<T> {
    const folder = join(this.#directory, '.incoming');
    const path = join(folder, randomUUID());
    await this.#fs.mkdir(folder, { recursive: true });
    try {
      await this.#fs.writeFile(path, bytes, { flag: 'wx', flush: true });
      return await use(path);
    } finally {
      await this.#fs.rm(path, { force: true });
    }
  }

  async #guard<T>(verb: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw folderError(error, { verb, directory: this.#directory });
    }
  }
}

function missingIsUndefined(error: unknown): undefined {
  if (!isMissing(error)) throw error;
}
