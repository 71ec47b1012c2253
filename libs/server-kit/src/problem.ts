import { SlipstreamError, type Problem } from '@slipstream/contracts';

/** The body that tells a client of an error; nothing of stack or cause. */
export function problemOf(error: SlipstreamError, request: { path: string; requestId: string }): Problem {
  return {
    type: `urn:slipstream:error:${error.code}`,
    title: error.title,
    status: error.httpStatus,
    detail: error.message,
    instance: request.path,
    request_id: request.requestId,
    error: { message: error.message, type: openaiType(error.httpStatus), param: error.param ?? null, code: error.code },
  };
}

function openaiType(status: number): string {
  if (status === 429) return 'rate_limit_error';
  return status < 500 ? 'invalid_request_error' : 'server_error';
}

/** Anything that reached the HTTP door as a domain error: ours as it is, the framework's by its status, else `internal_error`. */
export function toDomainError(thrown: unknown, request: { method: string; path: string }): SlipstreamError {
  if (thrown instanceof SlipstreamError) return thrown;
  switch (statusOf(thrown)) {
    case 404:
      return new SlipstreamError('route_not_found', `${request.method} ${request.path} is not an address of this service`, { remedy: 'see the README for the addresses', cause: thrown });
    case 405:
      return new SlipstreamError('method_not_allowed', `${request.path} does not take ${request.method}`, { cause: thrown });
    case 413:
      return new SlipstreamError('body_too_large', 'the body is larger than this service takes', { remedy: 'send less, or raise BODY_LIMIT_BYTES on the server', cause: thrown });
    case 415:
      return new SlipstreamError('unsupported_media_type', 'the body has no content type that this service reads', { param: 'content-type', remedy: 'send application/json', cause: thrown });
    case 400:
      return new SlipstreamError('invalid_json', 'the body is not valid JSON', { remedy: 'send one JSON object with at least a "prompt"', cause: thrown });
    default:
      return SlipstreamError.from(thrown);
  }
}

/** Of a Nest HttpException or a Fastify error. */
function statusOf(thrown: unknown): number | undefined {
  const error = thrown as { getStatus?: () => number; statusCode?: number };
  return typeof error?.getStatus === 'function' ? error.getStatus() : error?.statusCode;
}
