import { EventSourceParserStream, type EventSourceMessage } from 'eventsource-parser/stream';

/** Reads server-sent events off an answer. `onBytes` is told of whatever comes, the comments of a quiet line too. */
export async function* eventsIn(body: ReadableStream<Uint8Array>, onBytes: () => void): AsyncGenerator<EventSourceMessage> {
  const decoder = new TextDecoder();
  const text = new TransformStream<Uint8Array, string>({
    transform(bytes, out) {
      onBytes();
      out.enqueue(decoder.decode(bytes, { stream: true }));
    },
  });
  const reader = body.pipeThrough(text).pipeThrough(new EventSourceParserStream()).getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
  } finally {
    await reader.cancel().catch(() => {}); // of one that broke
  }
}
