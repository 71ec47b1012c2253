import type { FastifyInstance, FastifyRequest } from 'fastify';
import { SlipstreamError, type Scope } from '@slipstream/contracts';
import type { Identity } from './identity.js';
import type { KeyRing } from './key-ring.js';

/** Asks each request under `/v1` who sends it, before its body is read. */
export interface Doorkeeper {
  identify(request: Pick<FastifyRequest, 'method' | 'headers'>): Promise<Identity>;
}

/** Nobody is asked for a key, everybody is the same. */
export const letEverybodyIn = (identity: Identity): Doorkeeper => ({ identify: async () => identity });

/** Only keys get in. GET and HEAD want the scope `read`, everything else `write`. */
export const letKeyholdersIn = (ring: Pick<KeyRing, 'identify'>): Doorkeeper => ({
  async identify({ method, headers }) {
    const text = bearerIn(headers.authorization);
    if (text === undefined) throw new SlipstreamError('api_key_missing', 'this service asks for an API key', { param: 'Authorization', remedy: 'send it as "Authorization: Bearer <key>"' });
    const identity = await ring.identify(text);
    const scope: Scope = method === 'GET' || method === 'HEAD' ? 'read' : 'write';
    if (!identity.scopes.includes(scope)) throw new SlipstreamError('insufficient_scope', `this API key has not the scope ${JSON.stringify(scope)}`, { param: 'Authorization', remedy: 'use one that has' });
    return identity;
  },
});

/** The link of a picture or of a data set's file carries its own signature; probes, metrics and pages are outside of `/v1`. */
const isOpen = (route: string | undefined): boolean => route === undefined || !route.startsWith('/v1/') || route.startsWith('/v1/pictures/') || route === '/v1/datasets/:id/files/:file';

export function keepDoor(server: FastifyInstance, doorkeeper: Doorkeeper): void {
  server.decorateRequest('identity', null);
  server.addHook('onRequest', async (request) => {
    if (!isOpen(request.routeOptions.url)) request.identity = await doorkeeper.identify(request);
  });
}

/** The token of an Authorization header, undefined for any other. */
export const bearerIn = (header: string | undefined): string | undefined => /^Bearer +(\S+) *$/i.exec(header ?? '')?.[1];
