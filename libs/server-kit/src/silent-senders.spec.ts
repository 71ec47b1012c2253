import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { Body, Controller, Module, Post } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openLogger } from './log.js';
import { openServer } from './open-server.js';

const silenceMs = 500;
const lines: string[] = [];

@Controller()
class EchoController {
  /** Takes its time, in which nobody says anything. */
  @Post('echo')
  async echo(@Body() body: object): Promise<object> {
    await new Promise((resolve) => setTimeout(resolve, 1.5 * silenceMs));
    return body;
  }
}

@Module({ controllers: [EchoController] })
class EchoModule {}

describe('who has begun a body', () => {
  let app: NestFastifyApplication;
  let port: number;
  beforeAll(async () => {
    app = await openServer(EchoModule, { logger: openLogger({ service: 'test', level: 'info', destination: { write: (line) => void lines.push(line) } }), silenceMs });
    await app.listen(0, '127.0.0.1');
    port = Number(new URL(await app.getUrl()).port);
  });
  afterAll(() => app.close());

  const begun = (headers: string, body: string): Socket => {
    const socket = connect(port, '127.0.0.1');
    socket.write(`POST /echo HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\n${headers}\r\n\r\n${body}`);
    return socket;
  };

  it.each([['content-length: 100', '{'], ['transfer-encoding: chunked', '1\r\n{\r\n']])('and says no more of it is told so and let go: %s', async (headers, body) => {
    const [head, said, ...more] = (await text(begun(headers, body))).split('\r\n\r\n') as [string, string, ...string[]];
    expect(head).toMatch(/^HTTP\/1\.1 408 /);
    expect(JSON.parse(said)).toMatchObject({ status: 408, error: { code: 'request_timeout' } });
    expect(more).toEqual([]);
    expect(lines.join()).not.toMatch(/"level":"error"/);
  });

  it('and goes on now and then is heard to the end, and waited with for the answer', async () => {
    const socket = begun('content-length: 12', '');
    const answered = text(socket);
    for (const letter of '{"a":"bcde"}') {
      await new Promise((resolve) => setTimeout(resolve, silenceMs / 8));
      socket.write(letter);
    }
    expect(await answered).toMatch(/^HTTP\/1\.1 201 .*\{"a":"bcde"\}$/s);
  });
});
