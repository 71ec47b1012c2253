import { createHmac, timingSafeEqual } from 'node:crypto';

/** What a signed URL carries beside the key. */
export interface SignedQuery {
  /** Unix seconds after which the URL is worth nothing. */
  readonly expires: string | undefined;
  /** base64url HMAC-SHA256 over `expires` and the key. */
  readonly signature: string | undefined;
}

/** Makes and checks expiring signatures over storage keys. Gateways that share the secret accept each other's. */
export class UrlSigner {
  readonly #secret: string;
  readonly #nowMs: () => number;

  /** `secret`: at least 16 characters. `nowMs`: the clock, default `Date.now`. */
  constructor(secret: string, nowMs: () => number = Date.now) {
    if (secret.length < 16) throw new RangeError('SIGNING_KEY must have at least 16 characters');
    this.#secret = secret;
    this.#nowMs = nowMs;
  }

  /** `expires=…&signature=…` for a key. */
  sign(key: string, options: { expiresInSeconds: number }): string {
    const expires = String(Math.floor(this.#nowMs() / 1000) + Math.max(1, Math.ceil(options.expiresInSeconds)));
    return new URLSearchParams({ expires, signature: this.#hmac(key, expires).toString('base64url') }).toString();
  }

  /** `forged` covers a missing, altered or foreign signature; an honest one past its time is `expired`. */
  verify(key: string, query: SignedQuery): 'valid' | 'expired' | 'forged' {
    const { expires, signature } = query;
    if (typeof expires !== 'string' || typeof signature !== 'string' || !/^\d{1,12}$/.test(expires)) return 'forged';
    const given = Buffer.from(signature, 'base64url');
    const right = this.#hmac(key, expires);
    if (given.length !== right.length || !timingSafeEqual(given, right)) return 'forged';
    return Number(expires) * 1000 > this.#nowMs() ? 'valid' : 'expired';
  }

  #hmac(key: string, expires: string): Buffer {
    return createHmac('sha256', this.#secret).update(`${expires}\n${key}`).digest();
  }
}
