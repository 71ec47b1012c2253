export { FolderObjectStore, type FolderObjectStoreOptions, type FolderFs } from './folder-object-store.js';
export { ObjectFrameStore } from './object-frame-store.js';
export type { ObjectHead, ObjectStore, Payload, PutOptions, StoredObject } from './object-store.js';
export { openStore, type OpenStoreOptions } from './open-store.js';
export { S3ObjectStore, type S3ObjectStoreOptions } from './s3-object-store.js';
export { contentTypeOf } from './storage-key.js';
export { UrlSigner, type SignedQuery } from './url-signer.js';
