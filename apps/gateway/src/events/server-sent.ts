import { StreamableFile } from '@nestjs/common';
import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import { letDeafReaderGo } from '../deaf-reader.js';

/** One event as a client gets it. */
export interface ServerSentEvent {
  readonly event: string;
  /** What a client that comes back says that it has seen. */
  readonly id?: string;
  /** JSON. */
  readonly data: object;
}

/** An answer of events. Its reader is let go when it has taken nothing for `deafMs`, by default a minute: it may come back and say what it has seen. */
export function eventStream(events: AsyncGenerator<ServerSentEvent>, reply: Pick<FastifyReply, 'headers' | 'raw'>, { deafMs, quietMs = 15_000 }: { deafMs?: number; quietMs?: number } = {}): StreamableFile {
  void reply.headers({ 'cache-control': 'no-store', 'x-accel-buffering': 'no' });
  letDeafReaderGo(reply.raw, deafMs); // a line in use is never quiet for so long
  return new StreamableFile(textStream(events, { quietMs }), { type: 'text/event-stream; charset=utf-8' });
}

/**
 * Events as text, made as fast as they are read: `events` is asked for the next one when the one before is on its way. A
 * comment every `quietMs`, by default 15 s, tells proxies that the line is in use.
 */
export function textStream(events: AsyncGenerator<ServerSentEvent>, { quietMs = 15_000 } = {}): Readable {
  return Readable.from(lines(events, quietMs), { objectMode: false, highWaterMark: 1 });
}

const encoded = new WeakMap<ServerSentEvent, Buffer>();

/** The wire form of HTML's server-sent events; an event of many readers is in memory once. */
function bytesOf(sent: ServerSentEvent): Buffer {
  const { event, id, data } = sent;
  const bytes = encoded.get(sent) ?? Buffer.from(`event: ${event}\n${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`);
  encoded.set(sent, bytes);
  return bytes;
}

async function* lines(events: AsyncGenerator<ServerSentEvent>, quietMs: number): AsyncGenerator<string | Buffer> {
  try {
    yield ': slipstream\n\n'; // headers leave with the first byte
    for (let next = events.next(); ; ) {
      const come = await within(quietMs, next);
      if (come === undefined) yield ': still here\n\n';
      else if (come.done) return;
      else {
        yield bytesOf(come.value);
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
