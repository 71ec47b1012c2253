import { Inject, Injectable } from '@nestjs/common';
import { SlipstreamError, type PictureDatum, type StoredPicture } from '@slipstream/contracts';
import { UrlSigner, type ObjectHead, type ObjectStore, type SignedQuery, type StoredObject } from '@slipstream/storage';
import { GATEWAY_CONFIG, type GatewayConfig } from '../configuration.js';
import { slicesOf } from '../files/slices.js';

/** Injection token of the `ObjectStore`. */
export const OBJECT_STORE = Symbol('ObjectStore');

export type ResponseFormat = 'url' | 'b64_json';

/** Pictures on their way out: as expiring URLs, inline, or by such a URL. */
@Injectable()
export class Pictures {
  constructor(
    @Inject(OBJECT_STORE) private readonly store: ObjectStore,
    @Inject(UrlSigner) private readonly signer: UrlSigner,
    @Inject(GATEWAY_CONFIG) private readonly config: Pick<GatewayConfig, 'URL_TTL_SECONDS'>,
  ) {}

  /** The `data` of an answer, in the order of the pictures. */
  async data(pictures: readonly StoredPicture[], format: ResponseFormat): Promise<PictureDatum[]> {
    return format === 'url' ? Promise.all(pictures.map(({ key }) => this.#url(key))) : this.inline(pictures);
  }

  /** The same with their bytes. */
  async inline(pictures: readonly StoredPicture[]): Promise<{ b64_json: string }[]> {
    return Promise.all(pictures.map(({ key }) => this.#inline(key)));
  }

  /** Deleting what is not there is no error. */
  async remove(keys: readonly string[]): Promise<void> {
    await Promise.all(keys.map((key) => this.store.delete(key)));
  }

  /** @throws SlipstreamError `picture_link_invalid`, `picture_link_expired`, `picture_not_found` */
  async bySignedLink(key: string, query: SignedQuery): Promise<StoredObject> {
    this.#checkLink(key, query);
    return this.stored(key);
  }

  /** As `bySignedLink`, of a file that may be larger than the memory: its bytes come as they are read. */
  async streamBySignedLink(key: string, query: SignedQuery): Promise<ObjectHead & { slices: AsyncIterable<Uint8Array> }> {
    this.#checkLink(key, query);
    const head = await this.store.head(key);
    if (head) return { ...head, slices: slicesOf(this.store, key) };
    throw new SlipstreamError('picture_not_found', `${key} is no longer stored`, { remedy: 'have the data set made again' });
  }

  /** @throws SlipstreamError `picture_link_invalid`, `picture_link_expired` */
  #checkLink(key: string, query: SignedQuery): void {
    switch (this.signer.verify(key, query)) {
      case 'forged':
        throw new SlipstreamError('picture_link_invalid', 'the signature does not belong to this picture and expiry', {
          remedy: 'use the url of an answer unchanged, or GET /v1/generations/{id} for a new one',
        });
      case 'expired':
        throw new SlipstreamError('picture_link_expired', 'the time of this link is up', { remedy: 'GET /v1/generations/{id} hands out a new one' });
      case 'valid':
        return;
    }
  }

  /** @throws SlipstreamError `picture_not_found`, `storage_unavailable` */
  async stored(key: string): Promise<StoredObject> {
    const stored = await this.store.get(key);
    if (stored) return stored;
    throw new SlipstreamError('picture_not_found', `picture ${key} is no longer stored`, { remedy: 'send the request again with the same seed' });
  }

  async #url(key: string): Promise<PictureDatum> {
    return { url: await this.store.presign(key, { expiresInSeconds: this.config.URL_TTL_SECONDS }) };
  }

  async #inline(key: string): Promise<{ b64_json: string }> {
    const { bytes } = await this.stored(key);
    return { b64_json: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64') };
  }
}
