import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { SlipstreamError } from '@slipstream/contracts';

/** The addresses of a host name, at least one; rejects where there is none. */
export type Resolve = (host: string) => Promise<readonly string[]>;

/** Where a request may go: the URL, and the addresses that its host had when it was looked at. A connection is made to these and no others. */
export interface Target {
  readonly url: URL;
  readonly addresses: readonly string[];
}

/** As the system resolves names, its hosts file included. */
export const systemResolve: Resolve = async (host) => (await lookup(host, { all: true, verbatim: true })).map(({ address }) => address);

/** Every address of IPv6 that is given out for the public internet; whatever else looks unicast is a tunnel, a mapping or of no use. */
const publicIPv6 = ipaddr.parseCIDR('2000::/3');

/** Keeps webhooks from being a way into the network that the gateway stands in. */
export class CallGuard {
  readonly #privateHosts: ReadonlySet<string>;

  /** `privateHosts`: names and addresses that may be called whatever they resolve to, and without TLS. */
  constructor(
    privateHosts: readonly string[],
    private readonly resolve: Resolve = systemResolve,
  ) {
    this.#privateHosts = new Set(privateHosts.map((host) => bare(host.toLowerCase())));
  }

  /** Resolves the host once, for one request. @throws SlipstreamError `invalid_request` for `url` when it must not be called or has no address */
  async admit(text: string): Promise<Target> {
    const url = new URL(text);
    const host = bare(url.hostname);
    const named = this.#privateHosts.has(host);
    if (url.protocol !== 'https:' && !named) throw refused('must be an https address', 'use https, or let the operator name the host in WEBHOOK_PRIVATE_HOSTS');
    const addresses = isIP(host) > 0 ? [host] : await this.#addressesOf(host);
    if (!named && !addresses.every(isPublic)) throw refused(`names ${host}, which is no public address`, 'use a public one, or let the operator name the host in WEBHOOK_PRIVATE_HOSTS');
    return { url, addresses };
  }

  async #addressesOf(host: string): Promise<readonly string[]> {
    try {
      const addresses = await this.resolve(host);
      if (addresses.length > 0) return addresses;
    } catch (cause) {
      throw refused(`names ${host}, which has no address (${(cause as NodeJS.ErrnoException).code ?? 'unknown'})`, 'check the name', cause);
    }
    throw refused(`names ${host}, which has no address`, 'check the name');
  }
}

/** Whether an address is on the public internet: neither loopback, private, link-local, shared, reserved nor a way to wrap one of these. */
export function isPublic(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.process(address);
  return parsed.range() === 'unicast' && (parsed.kind() === 'ipv4' || parsed.match(publicIPv6));
}

/** Without the brackets of an IPv6 address and the dot at the end of a whole name. */
const bare = (host: string): string => host.replace(/^\[|\]$/g, '').replace(/\.$/, '');

const refused = (fault: string, remedy: string, cause?: unknown): SlipstreamError => new SlipstreamError('invalid_request', `url ${fault}`, { param: 'url', remedy, cause });
