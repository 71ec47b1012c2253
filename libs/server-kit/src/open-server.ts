import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { NestFactory } from '@nestjs/core';
import type { DynamicModule, Type } from '@nestjs/common';
import { SlipstreamError } from '@slipstream/contracts';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import 'reflect-metadata';
import { letGo } from './let-go.js';
import { NestLogger, withLogIds, type Logger } from './log.js';
import { ProblemFilter } from './problem.filter.js';
import { letSilentSendersGo } from './silent-senders.js';
import { UnreadRequests } from './unread-requests.js';

export interface ServerOptions {
  readonly logger: Logger;
  /** Default 1 MiB. */
  readonly bodyLimitBytes?: number;
  /** How long answers under way may take when it closes. Default 3 s. */
  readonly closeGraceMs?: number;
  /** How long a client may send nothing of a body that it has begun. Default a minute. */
  readonly silenceMs?: number;
  /** Called when an answer has gone out; `route` is the pattern, `unmatched` for none. */
  readonly onAnswer?: (answer: { method: string; route: string; status: number; seconds: number }) => void;
}

/**
 * A Nest application on Fastify, not yet listening: request ids (`x-request-id` of the client where it is sane) on
 * every answer and log line, errors as problem documents, logs through pino, shutdown left to `runUntilSignal`.
 */
export async function openServer(module: Type | DynamicModule, options: ServerOptions): Promise<NestFastifyApplication> {
  const filter = new ProblemFilter(options.logger);
  const unread = new UnreadRequests();
  const adapter = new FastifyAdapter({
    // Nest's middleware is used nowhere, and costs every request a walk through its engine.
    skipMiddie: true,
    // Of an address that no router can read; no filter is asked then.
    frameworkErrors: (cause: Error, request: FastifyRequest, reply: FastifyReply) =>
      filter.answer(new SlipstreamError('invalid_request', 'the address is not a valid URL, or a part of it is longer than any id', { param: 'url', cause }), request, reply),
    clientErrorHandler: unread.refuse,
    http: { requireHostHeader: false }, // or Node refuses without a body
    bodyLimit: options.bodyLimitBytes ?? 1_048_576,
    genReqId: (request: { headers: IncomingHttpHeaders }) => sane(request.headers['x-request-id']) ?? randomUUID(),
    return503OnClosing: false,
  });
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    logger: new NestLogger(options.logger),
    abortOnError: false,
    // Fastify's own reads JSON and refuses keys that would reach a prototype; a form or a text is no request here.
    bodyParser: false,
  });
  app.useGlobalFilters(filter);
  const fastify = adapter.getInstance();
  unread.watch(fastify.server);
  letSilentSendersGo(fastify.server, options.silenceMs ?? 60_000);
  letGo({ server: fastify.server, addHook: (name, hook) => fastify.addHook(name, hook) }, options.closeGraceMs ?? 3_000);
  // Expectations other than 100-continue are ignored, as RFC 9110 allows; Node's own 417 has no body.
  fastify.server.on('checkExpectation', (request, response) => fastify.server.emit('request', request, response));
  fastify.removeContentTypeParser('text/plain');
  fastify.addHook('onRequest', (request, reply, done) => {
    void reply.header('x-request-id', request.id);
    if (isBodiless(request)) delete request.headers['content-type'];
    withLogIds({ requestId: request.id }, () => done(faultOf(request)));
  });
  fastify.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'unmatched';
    options.onAnswer?.({ method: request.method, route, status: reply.statusCode, seconds: reply.elapsedTime / 1000 });
    done();
  });
  return app;
}

function faultOf({ headers, raw }: FastifyRequest): SlipstreamError | undefined {
  if (headers.host !== undefined || raw.httpVersion !== '1.1') return undefined;
  return new SlipstreamError('invalid_request', 'there is no Host header, which HTTP/1.1 asks for', { param: 'Host' });
}

/** OpenAI's Python client says JSON of the body that its DELETE, or POST to cancel, has not; at such an address none is asked for. */
function isBodiless({ headers, method, routeOptions }: FastifyRequest): boolean {
  const empty = headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0;
  return empty && (method === 'DELETE' || (method === 'POST' && routeOptions.url?.includes('/:') === true));
}

function sane(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' && /^[A-Za-z0-9._:-]{1,128}$/.test(header) ? header : undefined;
}
