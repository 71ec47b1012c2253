import { S3ServiceException } from '@aws-sdk/client-s3';
import { SlipstreamError } from '@slipstream/contracts';

/** The key is free. A HEAD cannot name a missing bucket: its 404 has no body. */
export function isAbsent(error: unknown): boolean {
  if (!(error instanceof S3ServiceException)) return false;
  return error.name === 'NoSuchKey' || (error.name === 'NotFound' && error.$metadata.httpStatusCode === 404);
}

/** A range begins where the object has no more bytes. */
export const isBehindTheEnd = (error: unknown): boolean => error instanceof S3ServiceException && error.$metadata.httpStatusCode === 416;

/** A conditional write lost: 412 to one that came before it, 409 to one under way. */
export function isTaken(error: unknown): boolean {
  const status = error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
  return status === 412 || status === 409;
}

/** An SDK failure in the words of the error table. An abort by the caller passes as it is. */
export function s3Error(error: unknown, place: { verb: string; address: string }): unknown {
  if (error instanceof SlipstreamError || (error as Error)?.name === 'AbortError') return error;
  const { verb, address } = place;
  const name = (error as Error)?.name ?? 'Error';
  const status = error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
  if (name === 'NoSuchBucket') {
    return new SlipstreamError('storage_denied', `there is no bucket at ${address}`, {
      cause: error,
      remedy: 'make the bucket, or correct STORAGE_URL',
    });
  }
  if (name === 'CredentialsProviderError' || status === 401 || status === 403) {
    return new SlipstreamError('storage_denied', `may not ${verb} ${address} (${name})`, {
      cause: error,
      remedy: 'check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and the rights they have on the bucket',
    });
  }
  if (status === 507 || name === 'InsufficientStorage' || name === 'QuotaExceeded' || name === 'XMinioStorageFull') {
    return new SlipstreamError('storage_full', `no space left to ${verb} ${address} (${name})`, {
      cause: error,
      remedy: 'free space on the object store, or point STORAGE_URL at another bucket',
    });
  }
  return new SlipstreamError('storage_unavailable', `cannot ${verb} ${address} (${status ?? (error as NodeJS.ErrnoException).code ?? name})`, {
    cause: error,
    remedy: 'check that the object store is up and that AWS_ENDPOINT_URL and AWS_REGION name it',
  });
}
