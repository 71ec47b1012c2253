import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Allowance } from '@slipstream/queue';
import type { Identity } from '../keys/identity.js';
import { idempotencyKeyIn } from './idempotency.js';
import { rateLimitHeaders } from './rate-limit-headers.js';

/** Who sent a request, and what HTTP tells of it. */
export interface Caller extends Pick<Identity, 'tenant' | 'bucket'> {
  readonly requestId: string;
  readonly idempotencyKey: string | undefined;
  /** Puts on the answer, whatever it will be, what the caller may still send. */
  allowed(allowance: Allowance): void;
  /** Puts on the answer that it is about a generation that was made before. */
  replayed(): void;
}

/** For the routes that the doorkeeper watches. @throws SlipstreamError `invalid_request` for an idempotency key that is none */
export function callerOf(request: FastifyRequest, reply: FastifyReply): Caller {
  const { id, headers } = request;
  const { tenant, bucket } = identityOf(request);
  return {
    requestId: id,
    tenant,
    bucket,
    idempotencyKey: idempotencyKeyIn(headers['idempotency-key']),
    allowed: (allowance) => void reply.headers(rateLimitHeaders(allowance)),
    replayed: () => void reply.header('idempotent-replayed', 'true'),
  };
}

/** Who is behind a request under `/v1`. */
export function identityOf({ identity }: Pick<FastifyRequest, 'identity'>): Identity {
  if (identity) return identity;
  throw new Error('this route has no doorkeeper');
}

/** Whose a request under `/v1` is. */
export const tenantOf = (request: Pick<FastifyRequest, 'identity'>): string => identityOf(request).tenant.id;
