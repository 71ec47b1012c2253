import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A webhook's receiver on the loopback, which keeps what it was sent. */
export interface Receiver {
  readonly url: string;
  readonly received: readonly Received[];
  /** From now on; `hold` never answers. Default 200. */
  answer(with_: number | 'hold', headers?: Record<string, string>): void;
  close(): Promise<void>;
}

export async function openReceiver(): Promise<Receiver> {
  const received: Received[] = [];
  let respond = (response: ServerResponse): void => void response.end();
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk)).on('end', () => {
      received.push({ path: request.url!, headers: request.headers, body });
      respond(response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    answer(with_, headers = {}) {
      respond = with_ === 'hold' ? () => {} : (response) => void response.writeHead(with_, headers).end();
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
