import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SlipstreamError } from '@slipstream/contracts';
import { FolderObjectStore } from './folder-object-store.js';
import type { ObjectStore } from './object-store.js';
import { S3ObjectStore } from './s3-object-store.js';
import type { UrlSigner } from './url-signer.js';

export interface OpenStoreOptions {
  /** Base of a folder's URLs, e.g. `http://127.0.0.1:8080`. Unused by S3. */
  readonly publicUrl?: string;
  /** Signs a folder's URLs; without one the store hands out none. Unused by S3. */
  readonly signer?: UrlSigner;
}

/** The store that STORAGE_URL names: `file:relative`, `file:///absolute` or `s3://bucket/prefix`. Opens no connection. */
export function openStore(storageUrl: string, options: OpenStoreOptions = {}): ObjectStore {
  const s3 = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/.exec(storageUrl);
  if (s3?.[1] !== undefined) return new S3ObjectStore({ bucket: s3[1], prefix: s3[2] ?? '' });
  const folder = /^file:(.+)$/.exec(storageUrl)?.[1];
  if (folder !== undefined) {
    const directory = folder.startsWith('//') ? fileURLToPath(storageUrl) : resolve(folder);
    return new FolderObjectStore({ directory, ...options });
  }
  throw new SlipstreamError('configuration_invalid', `STORAGE_URL is not a storage address: ${JSON.stringify(storageUrl.slice(0, 80))}`, {
    param: 'STORAGE_URL',
    remedy: 'use file:path/to/folder or s3://bucket/prefix',
  });
}
