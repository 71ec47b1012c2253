import { Body, Controller, Get, Inject, Module, Post } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SlipstreamError } from '@slipstream/contracts';
import { Health } from './health.js';
import { HealthController } from './health.controller.js';
import { openLogger } from './log.js';
import { openServer } from './open-server.js';

@Controller('things')
class ThingsController {
  constructor(@Inject(Health) readonly health: Health) {}

  @Post()
  make(@Body() body: unknown): unknown {
    return body;
  }

  @Get('domain')
  domain(): never {
    throw new SlipstreamError('invalid_request', 'n is 11', { param: 'n', remedy: 'use 1 to 10' });
  }

  @Get('busy')
  busy(): never {
    throw new SlipstreamError('queue_unavailable', 'Redis is away');
  }

  @Get('broken')
  broken(): never {
    throw new TypeError('secret detail of /home/x');
  }
}

const lines: string[] = [];
const answers: unknown[] = [];
const logger = openLogger({ service: 'test', level: 'info', destination: { write: (line) => void lines.push(line) } });
const health = new Health({ ready: {}, scrape: async () => ({ contentType: 'text/plain; version=0.0.4', body: 'up 1\n' }) });

@Module({ controllers: [HealthController, ThingsController], providers: [{ provide: Health, useValue: health }] })
class ThingsModule {}

describe('a server of the kit', () => {
  let app: NestFastifyApplication;
  beforeAll(async () => {
    app = await openServer(ThingsModule, { logger, bodyLimitBytes: 100, onAnswer: (answer) => answers.push(answer) });
    await app.init();
    await app.getHttpAdapter().getInstance().ready();
  });
  afterAll(() => app.close());

  const ask = async (method: 'GET' | 'POST' | 'DELETE', url: string, options: { payload?: string; headers?: Record<string, string> } = {}) => {
    const answer = await app.inject({ method, url, ...options });
    return { status: answer.statusCode, headers: answer.headers, body: JSON.parse(answer.body) as { detail: string; request_id: string; error: Record<string, unknown> } & Record<string, unknown> };
  };
  const json = { 'content-type': 'application/json' };

  it('answers a domain error with the members of RFC 9457 and with OpenAI’s error', async () => {
    const { status, headers, body } = await ask('GET', '/things/domain?x=1', { headers: { 'x-request-id': 'req-7' } });
    expect(status).toBe(400);
    expect(headers).toMatchObject({ 'content-type': 'application/problem+json; charset=utf-8', 'x-request-id': 'req-7', 'x-should-retry': 'false' });
    expect(body).toEqual({
      type: 'urn:slipstream:error:invalid_request', title: 'The request is not valid', status: 400, detail: 'n is 11; use 1 to 10', instance: '/things/domain', request_id: 'req-7',
      error: { message: 'n is 11; use 1 to 10', type: 'invalid_request_error', param: 'n', code: 'invalid_request' },
    });
  });

  it('tells a client when to come back', async () => {
    const { status, headers } = await ask('GET', '/things/busy');
    expect([status, headers['retry-after'], headers['x-should-retry']]).toEqual([503, '2', 'true']);
  });

  it('keeps an unforeseen error to its log, with the request’s id', async () => {
    const { status, body } = await ask('GET', '/things/broken');
    expect([status, body.error['code'], body.error['type']]).toEqual([500, 'internal_error', 'server_error']);
    expect(JSON.stringify(body)).not.toMatch(/secret|stack|at /);
    expect(lines.find((line) => line.includes(body.request_id))).toContain('secret detail');
  });

  it.each([
    ['broken JSON', { payload: '{"prompt": ', headers: json }, 400, 'invalid_json'],
    ['an empty body', { payload: '', headers: json }, 400, 'invalid_json'],
    ['a body over the limit', { payload: JSON.stringify({ prompt: 'x'.repeat(200) }), headers: json }, 413, 'body_too_large'],
    ['a body of another type', { payload: '<a/>', headers: { 'content-type': 'text/xml' } }, 415, 'unsupported_media_type'],
  ] as const)('refuses %s in the same shape', async (_what, options, expected, code) => {
    const { status, body } = await ask('POST', '/things', options);
    expect([status, body.error['code'], body['status']]).toEqual([expected, code, expected]);
  });

  it('says which address it does not have', async () => {
    const { status, body } = await ask('DELETE', '/nothing');
    expect([status, body.error['code']]).toEqual([404, 'route_not_found']);
    expect(body.detail).toContain('DELETE /nothing');
  });

  it('replaces a request id that is none', async () => {
    const { headers, body } = await ask('GET', '/things/domain', { headers: { 'x-request-id': 'a b\tc<script>' } });
    expect(headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
    expect(body.request_id).toBe(headers['x-request-id']);
  });

  it('serves health and metrics, and counts answers by route pattern', async () => {
    expect((await ask('GET', '/livez')).status).toBe(200);
    expect((await ask('GET', '/readyz')).body.error['code']).toBe('not_ready');
    health.serve();
    expect(await ask('GET', '/readyz')).toMatchObject({ status: 200, body: { status: 'ready' } });
    const metrics = await app.inject({ method: 'GET', url: '/metrics' });
    expect([metrics.body, metrics.headers['content-type']]).toEqual(['up 1\n', 'text/plain; version=0.0.4']);
    expect(answers).toContainEqual({ method: 'GET', route: '/livez', status: 200, seconds: expect.any(Number) });
    expect(answers).toContainEqual({ method: 'DELETE', route: 'unmatched', status: 404, seconds: expect.any(Number) });
  });
});
