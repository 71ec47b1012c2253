import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UnreadRequests } from './unread-requests.js';

describe('what is no request', () => {
  let server: Server;
  beforeAll(async () => {
    const unread = new UnreadRequests();
    server = createServer({ headersTimeout: 50, requestTimeout: 100, connectionsCheckingInterval: 20 }, (_request, response) => response.end('well')).on('clientError', unread.refuse);
    unread.watch(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => server.close());

  /** All that is said to these bytes until the connection ends. */
  async function said(bytes: string): Promise<string> {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    socket.write(bytes);
    return text(socket);
  }

  it.each([
    ['nonsense\r\n\r\n', 400, 'invalid_request'],
    [`GET / HTTP/1.1\r\nhost: x\r\nx: ${'a'.repeat(20_000)}\r\n\r\n`, 431, 'headers_too_large'],
    ['GET / HTTP/1.1\r\nhost:', 408, 'request_timeout'],
  ])('is told why, and nothing more: %.30s', async (bytes, status, code) => {
    const [head, body, ...more] = (await said(bytes)).split('\r\n\r\n') as [string, string, ...string[]];
    expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${status} \\w.*content-length: ${Buffer.byteLength(body)}\r\n`, 's'));
    expect(JSON.parse(body)).toMatchObject({ status, error: { code } });
    expect(more).toEqual([]);
  });

  it('is told nothing behind an answer that is under way', async () => {
    expect((await said('GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\nnonsense')).match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200']);
  });
});
