import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { SlipstreamError } from '@slipstream/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from './log.js';
import { problemOf, toDomainError } from './problem.js';

/** The one place where errors become HTTP answers. Server errors are logged here with their causes, once. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  catch(thrown: unknown, host: ArgumentsHost): void {
    this.answer(thrown, host.switchToHttp().getRequest<FastifyRequest>(), host.switchToHttp().getResponse<FastifyReply>());
  }

  answer(thrown: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const path = request.url.split('?', 1)[0] ?? '/';
    const error = toDomainError(thrown, { method: request.method, path });
    this.#log(error, { code: error.code, param: error.param, requestId: request.id, path });
    if (reply.sent) return;
    if (error.httpStatus === 503 || error.httpStatus === 429) void reply.header('retry-after', String(error.retryAfterSeconds ?? 2));
    if (error.httpStatus === 401) void reply.header('www-authenticate', 'Bearer');
    void reply
      .code(error.httpStatus)
      .header('x-request-id', request.id)
      .header('x-should-retry', String(error.retryable))
      .header('content-type', 'application/problem+json; charset=utf-8')
      .send(JSON.stringify(problemOf(error, { path, requestId: request.id })));
  }

  /** A stack only where nobody foresaw the error; a probe that finds the server not ready is no news. */
  #log(error: SlipstreamError, line: object): void {
    if (error.httpStatus === 500) this.#logger.error({ ...line, err: error }, error.message);
    else if (error.httpStatus > 500 && error.code !== 'not_ready') this.#logger.warn(line, error.message);
    else this.#logger.debug(line, error.message);
  }
}
