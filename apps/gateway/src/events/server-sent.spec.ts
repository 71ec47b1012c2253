import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { textStream, type ServerSentEvent } from './server-sent.js';

/** Numbers without end, and what was asked for. */
function numbers() {
  const made: { count: number; ended: boolean } = { count: 0, ended: false };
  async function* events(): AsyncGenerator<ServerSentEvent> {
    try {
      for (;;) yield { event: 'number', id: String(made.count), data: { number: made.count++ } };
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
