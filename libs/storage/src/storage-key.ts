import { SlipstreamError } from '@slipstream/contracts';

const segment = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}$/;
const contentTypes: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  webp: 'image/webp',
  json: 'application/json',
  jsonl: 'application/jsonl',
  tar: 'application/x-tar',
  parquet: 'application/vnd.apache.parquet',
  md: 'text/markdown',
  bin: 'application/octet-stream',
};

/** The content type a key's extension stands for; `application/octet-stream` for an unknown one. */
export function contentTypeOf(key: string): string {
  return contentTypes[key.slice(key.lastIndexOf('.') + 1).toLowerCase()] ?? 'application/octet-stream';
}

/** The key itself, or `picture_not_found`: no traversal, no absolute path, no hidden file can be named. */
export function checkedKey(key: string): string {
  const segments = key.split('/');
  if (key.length <= 512 && segments.length <= 8 && segments.every((part) => segment.test(part))) return key;
  throw new SlipstreamError('picture_not_found', `storage key ${JSON.stringify(key.slice(0, 80))} is not of the form segment/segment/name.ext`, {
    remedy: 'use letters, digits, ".", "_" and "-" in each segment, and start no segment with a dot',
  });
}

/** `checkedKey`, and the content type must be the extension's: a folder keeps it nowhere else. */
export function checkedPut(key: string, contentType: string): string {
  if (contentTypeOf(checkedKey(key)) === contentType) return key;
  throw new SlipstreamError('picture_not_found', `storage key ${key} cannot hold ${contentType}`, {
    remedy: `a key with this extension holds ${contentTypeOf(key)}`,
  });
}
