import { StreamableFile } from '@nestjs/common';
import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';

/** One event as a client gets it. */
export interface ServerSentEvent {
  readonly event: string;
  /** What a client that comes back says that it has seen. */
  readonly id?: string;
  /** JSON. */
  readonly data: object;
}

/** An answer of events. */
export function eventStream(events: AsyncGenerator<ServerSentEvent>, reply: FastifyReply): StreamableFile {
  void reply.headers({ 'cache-control': 'no-store', 'x-accel-buffering': 'no' });
  return new StreamableFile(textStream(events), { type: 'text/event-stream; charset=utf-8' });
}

/**
 * Events as text, made as fast as they are read: `events` is asked for the next one when the one before is on its way. A
 * comment every `quietMs`, by default 15 s, tells proxies that the line is in use.
 */
export function textStream(events: AsyncGenerator<ServerSentEvent>, { quietMs = 15_000 } = {}): Readable {
  return Readable.from(lines(events, quietMs), { objectMode: false, highWaterMark: 1 });
}

/** The wire form of HTML's server-sent events. */
const textOf = ({ event, id, data }: ServerSentEvent): string => `event: ${event}\n${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`;

async function* lines(events: AsyncGenerator<ServerSentEvent>, quietMs: number): AsyncGenerator<string> {
  try {
    yield ': slipstream\n\n'; // headers leave with the first byte
    for (let next = events.next(); ; ) {
      const come = await within(quietMs, next);
      if (come === undefined) yield ': still here\n\n';
      else if (come.done) return;
      else {
        yield textOf(come.value);
        next = events.next();
      }
    }
  } finally {
    await events.return(undefined);
  }
}

async function within<T>(deadlineMs: number, work: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => (timer = setTimeout(resolve, deadlineMs, undefined)));
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
