import { once } from 'node:events';
import { createServer, get, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { eventStream, textStream, type ServerSentEvent } from './server-sent.js';

/** Numbers without end, each with so many bytes beside it, and what was asked for. */
function numbers(bytes = 0) {
  const rest = 'x'.repeat(bytes);
  const made: { count: number; ended: boolean } = { count: 0, ended: false };
  async function* events(): AsyncGenerator<ServerSentEvent> {
    try {
      for (;;) yield { event: 'number', id: String(made.count), data: { number: made.count++, rest } };
    } finally {
      made.ended = true;
    }
  }
  return { made, events: events() };
}

const turns = async (count: number): Promise<void> => {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
};

describe('a stream of events', () => {
  it('is text as the standard has it', async () => {
    async function* two(): AsyncGenerator<ServerSentEvent> {
      yield { event: 'state', id: '1', data: { text: 'a\nb' } };
      yield { event: 'error', data: {} };
    }
    expect((await textStream(two()).setEncoding('utf8').toArray()).join('')).toBe(': slipstream\n\nevent: state\nid: 1\ndata: {"text":"a\\nb"}\n\nevent: error\ndata: {}\n\n');
  });

  it('makes nothing that nobody reads', async () => {
    const { made, events } = numbers();
    const stream = textStream(events);
    await turns(100);
    expect(made.count).toBe(0);
    while (made.count === 0) {
      stream.read();
      await turns(1);
    }
    await turns(100);
    const ahead = made.count;
    expect(ahead).toBeLessThan(5);
    await turns(100);
    expect(made.count).toBe(ahead);
    stream.destroy();
    await once(stream, 'close');
    expect(made.ended).toBe(true);
  });

  it('says now and then that it is still there', async () => {
    async function* never(): AsyncGenerator<ServerSentEvent> {
      await new Promise<void>((resolve) => (end = resolve));
    }
    let end = (): void => {};
    const stream = textStream(never(), { quietMs: 1 }).setEncoding('utf8');
    const said: string[] = [];
    for await (const text of stream) {
      said.push(text as string);
      if (said.length === 3) end();
    }
    expect(said.slice(0, 3)).toEqual([': slipstream\n\n', ': still here\n\n', ': still here\n\n']);
  });
});

describe('an answer of events', () => {
  /** What a client gets of an answer over a connection of its own. */
  async function answered(respond: (response: ServerResponse) => void): Promise<IncomingMessage> {
    const server = createServer((_request, response) => respond(response));
    onTestFinished(() => void (server.closeAllConnections(), server.close()));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new Promise((resolve, reject) => get({ port: (server.address() as AddressInfo).port, agent: false }, resolve).on('error', reject));
  }
  /** As the gateway answers; a stream that is cut off ends without an error of its own. */
  const answer = (events: AsyncGenerator<ServerSentEvent>, response: ServerResponse, options: { deafMs: number; quietMs?: number }) => {
    response.once('close', () => void events.return(undefined));
    eventStream(events, { raw: response, headers: () => undefined! }, options).getStream().on('error', () => {}).pipe(response);
  };

  it('lets go of a reader that takes nothing, and has made little more for it than the system’s own buffers swallow', async () => {
    const { made, events } = numbers(100_000);
    let closed: Promise<unknown> | undefined;
    const reader = await answered((response) => {
      closed = once(response, 'close');
      answer(events, response, { deafMs: 100 });
    });
    reader.on('error', () => {}).pause();
    await closed;
    expect(made.ended).toBe(true);
    expect(made.count).toBeLessThan(200);
  });

  it('keeps a reader that hears nothing but that the line is in use', async () => {
    const silence = async function* (): AsyncGenerator<ServerSentEvent> {
      await new Promise((_resolve, reject) => (end = reject));
    };
    let end: (error: Error) => void = () => {};
    const reader = (await answered((response) => answer(silence(), response, { deafMs: 300, quietMs: 10 }))).setEncoding('utf8').on('error', () => {});
    let comments = 0;
    for await (const chunk of reader) if ((comments += (chunk as string).split('still here').length - 1) > 60) break;
    end(new Error('over'));
    expect(comments).toBeGreaterThan(60);
  });
});
