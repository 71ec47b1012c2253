import { createHash } from 'node:crypto';
import { SlipstreamError } from '@slipstream/contracts';

/** A quoted structured string, as the draft has it, or the bare text, as most clients send it. */
const shape = /^(?:"([\x20\x21\x23-\x5b\x5d-\x7e]{1,255})"|([\x21\x23-\x5b\x5d-\x7e]{1,255}))$/;

/** The client's own name for its request. @throws SlipstreamError `invalid_request` */
export function idempotencyKeyIn(header: string | string[] | undefined): string | undefined {
  if (header === undefined) return undefined;
  const key = typeof header === 'string' ? shape.exec(header.trim()) : undefined;
  if (key) return key[1] ?? key[2];
  throw new SlipstreamError('invalid_request', 'Idempotency-Key must be 1 to 255 visible ASCII characters without quotes and backslashes', {
    param: 'Idempotency-Key',
    remedy: 'send a UUID of your own for each picture that you want, and the same one again when you retry',
  });
}

/** The same for two requests that ask for the same: a parsed one has its members in the order of the schema. */
export const fingerprintOf = (request: object): string => digest(JSON.stringify(request));

/** A key as it is kept: of one length, and telling nothing. */
export const digest = (text: string): string => createHash('sha256').update(text).digest('base64url');

/** What to say of a key that was sent with another request, which made this. */
export const mismatch = (made: string): SlipstreamError =>
  new SlipstreamError('idempotency_mismatch', `Idempotency-Key was sent before with another request, which made ${made}`, { param: 'Idempotency-Key', remedy: 'send the same body again, or a new key' });
