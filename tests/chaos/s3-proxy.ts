import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * How the object store behaves: `open`; `error` answers 500; `slow_down` answers 503 as S3 does when it is asked too much;
 * `silent` never answers; `reset` breaks the connection in the middle of an upload; `late` stores and breaks it before the
 * answer.
 */
export type StoreMood = 'open' | 'error' | 'slow_down' | 'silent' | 'reset' | 'late';

/** An S3 server that can be spoilt while it is in use. */
export class S3Proxy {
  mood: StoreMood = 'open';
  /** Share of the requests that a mood spoils. */
  share = 1;
  readonly #server: Server;

  private constructor(private readonly target: string, private readonly random: () => number) {
    this.#server = createServer((incoming, answer) => this.#serve(incoming, answer));
  }

  static async before(target: string, random: () => number): Promise<S3Proxy> {
    const proxy = new S3Proxy(target, random);
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #serve(incoming: IncomingMessage, answer: ServerResponse): void {
    const mood = this.random() < this.share ? this.mood : 'open';
    incoming.on('error', () => {});
    answer.on('error', () => {});
    switch (mood) {
      case 'error':
        return refuse(incoming, answer, { status: 500, code: 'InternalError' });
      case 'slow_down':
        return refuse(incoming, answer, { status: 503, code: 'SlowDown' });
      case 'silent':
        return void incoming.resume();
      case 'reset':
        return void incoming.once('data', () => incoming.socket.destroy()).once('end', () => incoming.socket.destroy());
      case 'open':
      case 'late':
        return this.#pass(incoming, answer, mood === 'late');
    }
  }

  #pass(incoming: IncomingMessage, answer: ServerResponse, late: boolean): void {
    const { method, url, headers } = incoming;
    const onward = request(new URL(url ?? '/', this.target), { method, headers }, (stored) => {
      if (late) return void (stored.resume(), incoming.socket.destroy());
      answer.writeHead(stored.statusCode ?? 502, stored.headers);
      stored.pipe(answer);
    });
    onward.on('error', () => answer.destroy());
    incoming.pipe(onward);
  }
}

function refuse(incoming: IncomingMessage, answer: ServerResponse, { status, code }: { status: number; code: string }): void {
  incoming.resume().once('end', () => {
    answer.writeHead(status, { 'content-type': 'application/xml' });
    answer.end(`<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>spoilt on purpose</Message></Error>`);
  });
}
