import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Allowance } from '@slipstream/queue';
import { idempotencyKeyIn } from './idempotency.js';
import { rateLimitHeaders } from './rate-limit-headers.js';

/** Who sent a request, as far as HTTP tells. */
export interface Caller {
  readonly requestId: string;
  /** The bearer token of the Authorization header. */
  readonly apiKey: string | undefined;
  readonly idempotencyKey: string | undefined;
  /** Puts on the answer, whatever it will be, what the caller may still send. */
  allowed(allowance: Allowance): void;
  /** Puts on the answer that it is about a generation that was made before. */
  replayed(): void;
}

/** @throws SlipstreamError `invalid_request` for an idempotency key that is none */
export function callerOf({ id, headers }: FastifyRequest, reply: FastifyReply): Caller {
  return {
    requestId: id,
    apiKey: /^Bearer +(\S+) *$/i.exec(headers.authorization ?? '')?.[1],
    idempotencyKey: idempotencyKeyIn(headers['idempotency-key']),
    allowed: (allowance) => void reply.headers(rateLimitHeaders(allowance)),
    replayed: () => void reply.header('idempotent-replayed', 'true'),
  };
}
