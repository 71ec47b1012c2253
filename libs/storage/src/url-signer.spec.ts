import { describe, expect, it } from 'vitest';
import { UrlSigner, type SignedQuery } from './url-signer.js';

const queryOf = (signed: string) => Object.fromEntries(new URLSearchParams(signed)) as unknown as SignedQuery;

describe('UrlSigner', () => {
  let nowMs = 1_000_000;
  const signer = new UrlSigner('0123456789abcdef', () => nowMs);
  const key = 'pictures/gen-1/0.png';

  it('holds until its time is up, to the second', () => {
    const query = queryOf(signer.sign(key, { expiresInSeconds: 60 }));
    expect(signer.verify(key, query)).toBe('valid');
    nowMs += 59_999;
    expect(signer.verify(key, query)).toBe('valid');
    nowMs += 1;
    expect(signer.verify(key, query)).toBe('expired');
  });

  it('holds for one key, one time and one secret only', () => {
    const query = queryOf(signer.sign(key, { expiresInSeconds: 60 }));
    expect(signer.verify('pictures/gen-2/0.png', query)).toBe('forged');
    expect(signer.verify(key, { ...query, expires: String(Number(query.expires) + 1) })).toBe('forged');
    expect(new UrlSigner('another secret, as long', () => nowMs).verify(key, query)).toBe('forged');
    expect(new UrlSigner('0123456789abcdef', () => nowMs).verify(key, query)).toBe('valid');
  });

  it.each([{}, { expires: '99999999999' }, { signature: 'AAAA' }, { expires: 'soon', signature: 'x' }, { expires: ['1', '2'], signature: ['a'] }])('takes %j for forged', (query) => {
    expect(signer.verify(key, query as never)).toBe('forged');
  });

  it('refuses a secret that could be guessed', () => {
    expect(() => new UrlSigner('short')).toThrow(/SIGNING_KEY/);
  });
});
