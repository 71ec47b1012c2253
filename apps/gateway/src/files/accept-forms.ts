import type { FastifyInstance } from 'fastify';
import { SlipstreamError } from '@slipstream/contracts';

/** Forms are read where files are taken, as they arrive; anywhere else they are no request. */
export function acceptForms(server: FastifyInstance): void {
  server.addContentTypeParser('multipart/form-data', (request, payload, done) => {
    if (request.routeOptions.url === '/v1/files') return done(null, payload);
    done(new SlipstreamError('unsupported_media_type', 'the body has no content type that this address reads', { param: 'content-type', remedy: 'send application/json' }));
  });
}
