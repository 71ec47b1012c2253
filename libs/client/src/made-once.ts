/** The header that lets a request be sent again without making a second thing; `crypto.randomUUID` is missing on pages that did not come by HTTPS. */
export const madeOnce = (key: string = madeUpKey()): { 'idempotency-key': string } => ({ 'idempotency-key': key });

const madeUpKey = (): string => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
