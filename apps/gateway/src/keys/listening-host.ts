import type { GatewayConfig } from '../configuration.js';

const loopback = '127.0.0.1';

/** Without a key that anybody could be asked for, nobody from outside is let near. */
export function listeningHost({ HOST, ADMIN_KEYS }: Pick<GatewayConfig, 'HOST' | 'ADMIN_KEYS'>): string {
  return ADMIN_KEYS || isLoopback(HOST) ? HOST : loopback;
}

const isLoopback = (host: string): boolean => host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
