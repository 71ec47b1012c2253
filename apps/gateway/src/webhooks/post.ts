import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import type { Target } from './call-guard.js';

/** What came back; the body is not read. */
export interface PostAnswer {
  readonly status: number;
  readonly retryAfter: string | undefined;
}

/** One POST to one target. Rejects where no answer came, and with the signal's reason. */
export type Post = (target: Target, message: { headers: Record<string, string>; body: string; signal: AbortSignal }) => Promise<PostAnswer>;

/**
 * Connects to the addresses of the target, so that a name that changes its mind between the look and the call leads nowhere
 * else; TLS and `Host` go by the name. Follows no redirect and keeps no connection.
 */
export const pinnedPost: Post = ({ url, addresses }, { headers, body, signal }) =>
  new Promise((resolve, reject) => {
    const make = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const options = { method: 'POST', headers: { ...headers, 'content-length': String(Buffer.byteLength(body)) }, lookup: always(addresses), agent: false, signal } as const;
    const request = make(url, options, (response) => {
      resolve({ status: response.statusCode!, retryAfter: response.headers['retry-after'] });
      response.destroy(); // whatever it says besides, and however long
    });
    request.on('error', reject);
    request.end(body);
  });

const always = (addresses: readonly string[]): LookupFunction => (_host, options, answer) => {
  const found = addresses.map((address) => ({ address, family: isIP(address) }));
  if (options.all) answer(null, found);
  else answer(null, found[0]!.address, found[0]!.family);
};
