import type { FileObject, FileRecord } from '@slipstream/contracts';

export function fileObject({ id, sizeBytes, createdAtMs, expiresAtMs, filename, purpose }: FileRecord): FileObject {
  return { id, object: 'file', bytes: sizeBytes, created_at: seconds(createdAtMs), expires_at: seconds(expiresAtMs), filename, purpose, status: 'processed' };
}

const seconds = (ms: number): number => Math.floor(ms / 1000);
