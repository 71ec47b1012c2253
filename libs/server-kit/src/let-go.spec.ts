import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Body, Controller, Get, Module, Post } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openLogger } from './log.js';
import { openServer } from './open-server.js';

let asked: (() => void) | undefined;
let answer: ((text: string) => void) | undefined;

@Controller()
class SlowController {
  @Get('slow')
  slow(): Promise<string> {
    asked?.();
    return new Promise((resolve) => (answer = resolve));
  }

  @Post('echo')
  echo(@Body() body: unknown): unknown {
    return body;
  }
}

@Module({ controllers: [SlowController] })
class SlowModule {}

/** Resets are closes as well. */
const closeOf = (socket: Socket): Promise<void> => new Promise((resolve) => socket.once('close', () => resolve()));

describe('a server that closes', () => {
  let app: NestFastifyApplication;
  let url: string;
  const sockets: Socket[] = [];
  beforeEach(async () => {
    app = await openServer(SlowModule, { logger: openLogger({ service: 'test', level: 'info', destination: { write: () => {} } }), closeGraceMs: 200 });
    await app.listen(0, '127.0.0.1');
    url = await app.getUrl();
  });
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    await app.close();
  });

  async function said(text: string): Promise<Socket> {
    const socket = connect({ port: Number(new URL(url).port), host: '127.0.0.1' }).on('error', () => {});
    sockets.push(socket);
    socket.resume();
    const met = once(app.getHttpServer() as NodeJS.EventEmitter, 'connection');
    await Promise.all([once(socket, 'connect'), met]);
    if (text !== '') await new Promise((resolve) => socket.write(text, resolve));
    return socket;
  }

  it.each([
    ['nothing', ''],
    ['half a header', 'GET /slow HTTP/1.1\r\nhost:'],
    ['half a body', 'POST /echo HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{'],
  ])('does not wait for a client that has said %s', async (_, text) => {
    const socket = await said(text);
    const ended = closeOf(socket);
    await app.close();
    await ended;
  });

  it('finishes the answers under way and closes their connections', async () => {
    const begun = new Promise<void>((resolve) => (asked = resolve));
    const answered = fetch(`${url}/slow`);
    await begun;
    const silent = await said('');
    const cut = closeOf(silent);
    const closed = app.close();
    await cut;
    answer!('done');
    expect(await (await answered).text()).toBe('done');
    await closed;
  });
});
