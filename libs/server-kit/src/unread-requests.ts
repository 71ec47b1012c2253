import { randomUUID } from 'node:crypto';
import { STATUS_CODES, type Server } from 'node:http';
import type { Socket } from 'node:net';
import { SlipstreamError } from '@slipstream/contracts';
import { problemOf } from './problem.js';

/** What the HTTP parser gives up on; no route, hook or filter ever hears of such a request. */
export class UnreadRequests {
  readonly #answered = new WeakSet<Socket>();

  watch(server: Server): void {
    server.on('request', ({ socket }, response) => {
      this.#answered.add(socket);
      response.once('close', () => this.#answered.delete(socket));
    });
  }

  /** Says what is wrong and hangs up; says nothing in the middle of another answer. */
  readonly refuse = (cause: NodeJS.ErrnoException, socket: Socket): void => {
    if (cause.code !== 'ECONNRESET' && socket.writable && !this.#answered.has(socket)) socket.write(answerTo(errorOf(cause)));
    socket.destroy(cause);
  };
}

function errorOf(cause: NodeJS.ErrnoException): SlipstreamError {
  switch (cause.code) {
    case 'HPE_HEADER_OVERFLOW':
      return new SlipstreamError('headers_too_large', 'the headers and the address together are larger than 16 KiB', { remedy: 'send shorter ones', cause });
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new SlipstreamError('request_timeout', 'the request did not come to its end in time', { remedy: 'send it again', cause });
    default:
      return new SlipstreamError('invalid_request', 'this is not a request in HTTP/1.1', { cause });
  }
}

/** A whole answer, for a connection on which nobody else is to say anything any more. */
export function answerTo(error: SlipstreamError): string {
  const requestId = randomUUID();
  const body = JSON.stringify(problemOf(error, { path: '/', requestId }));
  const headers = {
    'content-type': 'application/problem+json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    'x-request-id': requestId,
    'x-should-retry': error.retryable,
    connection: 'close',
  };
  const lines = [`HTTP/1.1 ${error.httpStatus} ${STATUS_CODES[error.httpStatus]}`, ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`)];
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}
