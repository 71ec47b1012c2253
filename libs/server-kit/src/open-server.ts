import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { NestFactory } from '@nestjs/core';
import type { DynamicModule, Type } from '@nestjs/common';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import 'reflect-metadata';
import { NestLogger, withLogIds, type Logger } from './log.js';
import { ProblemFilter } from './problem.filter.js';

export interface ServerOptions {
  readonly logger: Logger;
  /** Default 1 MiB. */
  readonly bodyLimitBytes?: number;
  /** Called when an answer has gone out; `route` is the pattern, `unmatched` for none. */
  readonly onAnswer?: (answer: { method: string; route: string; status: number; seconds: number }) => void;
}

/**
 * A Nest application on Fastify, not yet listening: request ids (`x-request-id` of the client where it is sane) on
 * every answer and log line, errors as problem documents, logs through pino, shutdown left to `runUntilSignal`.
 */
export async function openServer(module: Type | DynamicModule, options: ServerOptions): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter({
    bodyLimit: options.bodyLimitBytes ?? 1_048_576,
    genReqId: (request: { headers: IncomingHttpHeaders }) => sane(request.headers['x-request-id']) ?? randomUUID(),
    forceCloseConnections: 'idle',
    return503OnClosing: false,
  });
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    logger: new NestLogger(options.logger),
    abortOnError: false,
  });
  app.useGlobalFilters(new ProblemFilter(options.logger));
  const fastify = adapter.getInstance();
  fastify.addHook('onRequest', (request, reply, done) => {
    void reply.header('x-request-id', request.id);
    withLogIds({ requestId: request.id }, done);
  });
  fastify.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'unmatched';
    options.onAnswer?.({ method: request.method, route, status: reply.statusCode, seconds: reply.elapsedTime / 1000 });
    done();
  });
  return app;
}

function sane(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' && /^[A-Za-z0-9._:-]{1,128}$/.test(header) ? header : undefined;
}
