import type { GenerationRequestInput, ImageEvent } from '@slipstream/contracts';
import type { Connection } from './connection.js';
import type { ConnectionError } from './errors.js';
import { unbroken } from './unbroken.js';

export interface ImageStreamOptions {
  /** With the key that finds the generation again. */
  readonly headers: Readonly<Record<string, string>>;
  /** Told each time that the connection is lost, before the next try. */
  readonly onLost?: ((error: ConnectionError) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Partial pictures, then each picture, over as many streams as that takes. */
export async function* imageStream(connection: Connection, request: Omit<GenerationRequestInput, 'stream'>, { headers, onLost, signal }: ImageStreamOptions): AsyncGenerator<ImageEvent> {
  const [partials, completed] = [new Map<number, { latest: string; count: number }>(), new Set<number>()];
  const listen = () => connection.events('/v1/images/generations', { method: 'POST', json: { ...request, stream: true }, headers, signal });
  for await (const { data } of unbroken(connection, listen, { isOver: () => completed.size >= (request.n ?? 1), onLost, signal })) {
    const event = data as ImageEvent;
    const { latest, count } = partials.get(event.index) ?? { latest: undefined, count: 0 };
    if (completed.has(event.index) || event.b64_json === latest) continue; // told again by another stream
    if (event.type === 'image_generation.completed') {
      completed.add(event.index);
      yield event;
    } else {
      partials.set(event.index, { latest: event.b64_json, count: count + 1 });
      yield { ...event, partial_image_index: count };
    }
  }
}
