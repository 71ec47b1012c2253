export interface ServerSentEvent {
  readonly id?: string;
  readonly event?: string;
  readonly data: string;
}

/** Reads server-sent events off an answer. `onBytes` is told of whatever comes, the comments of a quiet line too. */
export async function* eventsIn(body: ReadableStream<Uint8Array>, onBytes: () => void): AsyncGenerator<ServerSentEvent> {
  const decoder = new TextDecoder();
  const reader = body.getReader();
  let text = '';
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      onBytes();
      const blocks = (text + decoder.decode(next.value, { stream: true })).split(/\r?\n\r?\n/);
      text = blocks.pop()!;
      for (const block of blocks) yield* eventOf(block);
    }
  } finally {
    await reader.cancel().catch(() => {}); // of one that broke
  }
}

/** What a block of lines tells; nothing for comments alone. */
function eventOf(block: string): ServerSentEvent[] {
  const fields = block.split(/\r?\n/).map((line) => /^([^:]+): ?(.*)$/.exec(line)).filter((match) => match !== null);
  const valueOf = (name: string): string | undefined => fields.findLast(([, field]) => field === name)?.[2];
  const data = fields.filter(([, field]) => field === 'data').map(([, , value]) => value!);
  return data.length === 0 ? [] : [{ id: valueOf('id'), event: valueOf('event'), data: data.join('\n') }];
}
