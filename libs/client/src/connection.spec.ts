import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Connection, type ConnectionOptions } from './connection.js';
import { ApiError, ConnectionError } from './errors.js';
import { pause } from './pause.js';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

let handlers: Handler[];
let asked: { url: string; headers: IncomingMessage['headers'] }[];
let pauses: number[];
let baseUrl: string;
const server = createServer((request, response) => {
  asked.push({ url: request.url!, headers: request.headers });
  (handlers.length > 1 ? handlers.shift()! : handlers[0]!)(request, response);
});

beforeEach(async () => {
  [handlers, asked, pauses] = [[], [], []];
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterEach(() => new Promise((resolve) => {
  server.close(resolve);
  server.closeAllConnections();
}));

const connect = (options: Partial<ConnectionOptions> = {}): Connection => new Connection({ baseUrl, pause: async (ms) => void pauses.push(ms), ...options });
const ok: Handler = (_request, response) => response.setHeader('content-type', 'application/json').end('{"fine":true}');
const refuse = (status: number, code: string, headers: Record<string, string> = {}): Handler => (_request, response) =>
  response.writeHead(status, { 'content-type': 'application/problem+json', ...headers }).end(JSON.stringify({ detail: 'in words', request_id: 'r-1', error: { code, param: 'n' } }));
const hangUp: Handler = (request) => request.socket.destroy();

describe('an answer that says that it may be tried again', () => {
  it('is tried again after Retry-After', async () => {
    handlers = [refuse(503, 'overloaded', { 'x-should-retry': 'true', 'retry-after': '7' }), refuse(429, 'rate_limited', { 'x-should-retry': 'true', 'retry-after': '3' }), ok];
    expect((await connect().ask('/v1/models')).body).toEqual({ fine: true });
    expect(pauses).toEqual([7_000, 3_000]);
  });

  it('is thrown after the last try, or when it asks for more patience than there is', async () => {
    handlers = [refuse(503, 'overloaded', { 'x-should-retry': 'true', 'retry-after': '1' })];
    await expect(connect().ask('/v1/models')).rejects.toMatchObject({ name: 'ApiError', status: 503, code: 'overloaded', retryAfterSeconds: 1, requestId: 'r-1' });
    expect(asked).toHaveLength(3);
    await expect(connect({ mostRetrySeconds: 0.5 }).ask('/v1/models')).rejects.toBeInstanceOf(ApiError);
    expect(asked).toHaveLength(4);
  });

  it('without a time is tried again a little later each time', async () => {
    handlers = [refuse(500, 'internal_error', { 'x-should-retry': 'true' })];
    await expect(connect({ retries: 6 }).ask('/v1/models')).rejects.toBeInstanceOf(ApiError);
    expect(pauses.map((ms, index) => ms / Math.min(8_000, 500 * 2 ** index))).toSatisfy((shares: number[]) => shares.length === 6 && shares.every((share) => share >= 0.75 && share <= 1.25));
  });
});

it('a refusal is thrown at once, with field and code', async () => {
  handlers = [refuse(400, 'invalid_request', { 'x-should-retry': 'false' })];
  await expect(connect().ask('/v1/generations', { method: 'POST', json: {} })).rejects.toMatchObject({ status: 400, code: 'invalid_request', param: 'n', message: 'in words', retryable: false });
  expect(asked).toHaveLength(1);
});

it('an answer that is not the gateway’s says so, and is tried again where a proxy is the cause', async () => {
  handlers = [(_request, response) => response.writeHead(502, { 'content-type': 'text/html' }).end('<h1>Bad gateway</h1>')];
  await expect(connect().ask('/v1/models')).rejects.toMatchObject({ status: 502, code: 'unexpected_answer' });
  expect(asked).toHaveLength(3);
});

it('a connection that breaks is tried again, and told by where it leads', async () => {
  handlers = [hangUp, ok];
  expect((await connect().ask('/v1/models')).status).toBe(200);
  handlers = [hangUp];
  await expect(connect().ask('/v1/models')).rejects.toSatisfy((error: ConnectionError) => error instanceof ConnectionError && error.message.includes('http://127.0.0.1') && error.cause !== undefined);
});

it('what would be done twice is asked again where it was refused, not where no answer came', async () => {
  const create = { method: 'POST', json: {}, once: true } as const;
  handlers = [refuse(503, 'overloaded', { 'x-should-retry': 'true' }), ok];
  expect((await connect().ask('/v1/webhooks', create)).body).toEqual({ fine: true });
  for (const unanswered of [hangUp, ((_request, response) => response.writeHead(502).end()) as Handler]) {
    [handlers, asked] = [[unanswered, ok], []];
    await expect(connect().ask('/v1/webhooks', create)).rejects.toThrow();
    expect(asked).toHaveLength(1);
  }
});

describe('a signal', () => {
  it('that has aborted sends nothing', async () => {
    handlers = [ok];
    await expect(connect().ask('/v1/models', { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough');
    expect(asked).toEqual([]);
  });

  it('ends a request under way, and is not taken for a broken connection', async () => {
    const controller = new AbortController();
    handlers = [() => controller.abort(new Error('enough'))];
    await expect(connect().ask('/v1/models', { signal: controller.signal })).rejects.toThrow('enough');
    expect(asked).toHaveLength(1);
  });

  it('ends the wait for a further try', async () => {
    const controller = new AbortController();
    handlers = [refuse(503, 'overloaded', { 'x-should-retry': 'true', 'retry-after': '50' })];
    const waiting = connect({ pause: (ms, signal) => { controller.abort(new Error('enough')); return pause(ms, signal); } }).ask('/v1/models', { signal: controller.signal });
    await expect(waiting).rejects.toThrow('enough');
  });
});

it('the key goes to the gateway and not to where pictures lie', async () => {
  handlers = [ok];
  const connection = connect({ apiKey: 'slip_secret' });
  await connection.ask('/v1/models');
  await connection.download(`${baseUrl}elsewhere`);
  expect(asked.map(({ url, headers }) => [url, headers.authorization])).toEqual([['/v1/models', 'Bearer slip_secret'], ['/elsewhere', undefined]]);
});

describe('a file', () => {
  it('may take as long as it takes, as long as something of it comes', async () => {
    handlers = [(_request, response) => {
      let pieces = 0;
      const timer = setInterval(() => (pieces++ < 12 ? response.write('x') : (clearInterval(timer), response.end())), 50);
    }];
    expect((await connect({ timeoutSeconds: 0.4 }).download(`${baseUrl}large`)).byteLength).toBe(12);
  });

  it('that is cut off, or silent for too long, is a broken connection', async () => {
    handlers = [(_request, response) => void response.writeHead(200, { 'content-length': '9' }).write('x', () => response.destroy()), (_request, response) => void response.write('x')];
    await expect(connect().download(`${baseUrl}cut`)).rejects.toBeInstanceOf(ConnectionError);
    await expect(connect({ timeoutSeconds: 0.2 }).blob('/v1/files/f/content')).rejects.toThrow('nothing came for 0.2 s');
  });

  it('that is refused says why', async () => {
    handlers = [refuse(410, 'picture_link_expired')];
    await expect(connect().download(`${baseUrl}old`)).rejects.toMatchObject({ name: 'ApiError', code: 'picture_link_expired' });
  });
});

describe('events', () => {
  const eventsOf = async (options: Partial<ConnectionOptions> = {}, signal?: AbortSignal): Promise<unknown[]> => {
    const told: unknown[] = [];
    for await (const event of connect(options).events('/v1/generations/g/events', { headers: { 'last-event-id': 'seen' }, signal })) told.push(event);
    return told;
  };
  const stream = (...parts: string[]): Handler => (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    parts.forEach((part) => response.write(part));
  };

  it('are read as they come, however they are cut', async () => {
    handlers = [(request, response) => { stream(': hi\n\nevent: a\r\nid: 1\nda', 'ta: {"text":\ndata: "caf', 'é"}\r\n\r', '\ndata: 2\n\ndata: unfinished')(request, response); response.end(); }];
    expect(await eventsOf({ apiKey: 'slip_secret' })).toEqual([{ id: '1', data: { text: 'café' } }, { data: 2 }]);
    expect(asked[0]!.headers).toMatchObject({ accept: 'text/event-stream', authorization: 'Bearer slip_secret', 'last-event-id': 'seen' });
  });

  it('are none where all has been seen', async () => {
    handlers = [(_request, response) => response.writeHead(204).end()];
    expect(await eventsOf()).toEqual([]);
  });

  it('may be an error, or refused', async () => {
    handlers = [stream('event: error\ndata: {"status":503,"detail":"in words","request_id":"r-1","error":{"code":"queue_unavailable","param":null}}\n\n'), refuse(404, 'generation_not_found')];
    await expect(eventsOf()).rejects.toMatchObject({ name: 'ApiError', status: 503, code: 'queue_unavailable', message: 'in words', retryable: true });
    await expect(eventsOf()).rejects.toMatchObject({ name: 'ApiError', code: 'generation_not_found' });
  });

  it('that are cut off, or silent for too long, are a broken connection', async () => {
    handlers = [(request, response) => { stream('data: 1\n\n')(request, response); response.destroy(); }, stream(': hi\n\n')];
    await expect(eventsOf()).rejects.toBeInstanceOf(ConnectionError);
    await expect(eventsOf({ timeoutSeconds: 0.2 })).rejects.toThrow('nothing came for 0.2 s');
  });

  it('end with the signal', async () => {
    const controller = new AbortController();
    handlers = [(request, response) => { stream('data: 1\n\n')(request, response); controller.abort(new Error('enough')); }];
    await expect(eventsOf({}, controller.signal)).rejects.toThrow('enough');
  });
});
