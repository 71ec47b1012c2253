import { Readable } from 'node:stream';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  S3Client,
  type S3ClientConfig,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { counted } from './counted.js';
import type { ObjectHead, ObjectStore, Payload, PutOptions, StoredObject } from './object-store.js';
import { isAbsent, isBehindTheEnd, isTaken, s3Error } from './s3-error.js';
import { checkedKey, checkedPut, contentTypeOf } from './storage-key.js';

/** What a server may take to answer; what it is sent takes its own time, at a megabyte a second at the slowest. */
const [answerMs, leastBytesPerMs] = [15_000, 1_000];

export interface S3ObjectStoreOptions {
  readonly bucket: string;
  /** Folder inside the bucket; '' for its root. */
  readonly prefix: string;
  /** Over the defaults; credentials, region and endpoint otherwise come from the SDK's usual variables. */
  readonly client?: S3ClientConfig;
}

/**
 * Objects in an S3 bucket, of any server that speaks the protocol. Checksums only where the protocol demands them and
 * path-style addresses, because several servers refuse the SDK's newer defaults (aws-sdk-js-v3 #6810).
 * `ifAbsent` is the conditional `If-None-Match: *`. Requests time out instead of hanging on a silent server.
 */
export class S3ObjectStore implements ObjectStore {
  readonly address: string;
  readonly #bucket: string;
  readonly #prefix: string;
  readonly #client: S3Client;

  constructor(options: S3ObjectStoreOptions) {
    this.#bucket = options.bucket;
    this.#prefix = options.prefix === '' ? '' : `${options.prefix.replace(/^\/+|\/+$/g, '')}/`;
    this.address = `s3://${this.#bucket}/${this.#prefix}`.replace(/\/$/, '');
    this.#client = new S3Client({
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      forcePathStyle: true,
      maxAttempts: 3,
      requestHandler: { connectionTimeout: 3_000, requestTimeout: answerMs, throwOnRequestTimeout: true },
      ...options.client,
    });
  }

  async put(key: string, payload: Payload, options: PutOptions): Promise<'stored' | 'present'> {
    const sizeBytes = payload instanceof Uint8Array ? payload.byteLength : payload.sizeBytes;
    const command = new PutObjectCommand({
      ...this.#where(checkedPut(key, options.contentType)),
      Body: payload instanceof Uint8Array ? payload : Readable.from(payload.open(), { objectMode: false }),
      ContentLength: sizeBytes,
      ContentType: options.contentType,
      ...(options.ifAbsent ? { IfNoneMatch: '*' } : {}),
    });
    return this.#guard('write to', async () => {
      try {
        await this.#client.send(command, { abortSignal: options.signal, requestTimeout: answerMs + sizeBytes / leastBytesPerMs });
        return 'stored';
      } catch (error) {
        if (options.ifAbsent && isTaken(error)) return 'present';
        throw error;
      }
    });
  }

  async write(key: string, source: AsyncIterable<Uint8Array>, { contentType, signal }: Pick<PutOptions, 'contentType' | 'signal'>): Promise<number> {
    const where = this.#where(checkedPut(key, contentType));
    signal?.throwIfAborted();
    const size = { bytes: 0 };
    const upload = new Upload({ client: this.#client, params: { ...where, Body: Readable.from(counted(source, size), { objectMode: false }), ContentType: contentType }, queueSize: 2 });
    signal?.addEventListener('abort', () => void upload.abort(), { once: true });
    await this.#guard('write to', () => upload.done());
    return size.bytes;
  }

  async slice(key: string, { from, bytes }: { from: number; bytes: number }, options?: { signal?: AbortSignal }): Promise<Uint8Array | undefined> {
    const command = new GetObjectCommand({ ...this.#where(checkedKey(key)), Range: `bytes=${from}-${from + bytes - 1}` });
    return this.#unlessAbsent(async () => {
      try {
        return await (await this.#client.send(command, { abortSignal: options?.signal })).Body!.transformToByteArray();
      } catch (error) {
        if (isBehindTheEnd(error)) return new Uint8Array();
        throw error;
      }
    });
  }

  async get(key: string, options?: { signal?: AbortSignal }): Promise<StoredObject | undefined> {
    const command = new GetObjectCommand(this.#where(checkedKey(key)));
    return this.#unlessAbsent(async () => {
      const found = await this.#client.send(command, { abortSignal: options?.signal });
      const bytes = (await found.Body?.transformToByteArray()) ?? new Uint8Array();
      return { bytes, sizeBytes: bytes.byteLength, contentType: found.ContentType ?? contentTypeOf(key) };
    });
  }

  async head(key: string, options?: { signal?: AbortSignal }): Promise<ObjectHead | undefined> {
    const command = new HeadObjectCommand(this.#where(checkedKey(key)));
    return this.#unlessAbsent(async () => {
      const found = await this.#client.send(command, { abortSignal: options?.signal });
      return { sizeBytes: found.ContentLength ?? 0, contentType: found.ContentType ?? contentTypeOf(key) };
    });
  }

  async delete(key: string): Promise<void> {
    await this.#guard('delete from', () => this.#client.send(new DeleteObjectCommand(this.#where(checkedKey(key)))));
  }

  async presign(key: string, options: { expiresInSeconds: number }): Promise<string> {
    const expiresIn = Math.min(604_800, Math.max(1, Math.ceil(options.expiresInSeconds))); // a week is the protocol's most
    return this.#guard('sign for', () => getSignedUrl(this.#client, new GetObjectCommand(this.#where(checkedKey(key))), { expiresIn }));
  }

  /** Writes one small object: listing or heading a bucket asks for rights that serving does not need. */
  async check(): Promise<void> {
    await this.put('health/probe.bin', new Uint8Array([1]), { contentType: 'application/octet-stream' });
  }

  async close(): Promise<void> {
    this.#client.destroy();
  }

  #where(key: string): { Bucket: string; Key: string } {
    return { Bucket: this.#bucket, Key: this.#prefix + key };
  }

  async #unlessAbsent<T>(work: () => Promise<T>): Promise<T | undefined> {
    return this.#guard('read from', () =>
      work().catch((error: unknown) => {
        if (isAbsent(error)) return undefined;
        throw error;
      }),
    );
  }

  async #guard<T>(verb: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw s3Error(error, { verb, address: this.address });
    }
  }
}
