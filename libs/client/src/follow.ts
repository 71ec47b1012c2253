import type { GenerationObject, GenerationStatus } from '@slipstream/contracts';
import type { Connection } from './connection.js';
import { ConnectionError } from './errors.js';

/** Where a generation is, or a preview of one of its pictures, as `GET /v1/generations/{id}/events` tells it. */
export type GenerationEvent =
  | ({ readonly type: 'generation.state' } & GenerationObject)
  | { readonly type: 'generation.preview'; readonly id: string; readonly index: number; readonly step: number; readonly steps: number; readonly output_format: GenerationObject['output_format']; readonly b64_json: string; readonly grid: string; readonly masked: string };

export interface FollowOptions {
  /** Of the last event that was seen: what has changed since is told. */
  readonly lastEventId?: string;
  /** Told each time that the connection is lost, before the next try. */
  readonly onLost?: (error: ConnectionError) => void;
  readonly signal?: AbortSignal;
}

export interface FollowedEvent {
  readonly id?: string;
  readonly event: GenerationEvent;
}

/** Events to the one that tells how it ended, over as many streams as that takes. */
export async function* follow(connection: Connection, id: string, { lastEventId, onLost, signal }: FollowOptions): AsyncGenerator<FollowedEvent> {
  let [seen, over, heard, tried] = [lastEventId, false, false, 0];
  for (;;) {
    let loss: unknown = new ConnectionError(connection.url, 'the events ended before the generation did'); // of a gateway that leaves
    try {
      const headers: Record<string, string> = seen === undefined ? {} : { 'last-event-id': seen };
      for await (const { id: eventId, data } of connection.events(`/v1/generations/${encodeURIComponent(id)}/events`, { headers, signal, onNoMore: () => (over = true) })) {
        const event = data as GenerationEvent;
        [seen, over, heard, tried] = [eventId ?? seen, hasEnded(event), true, 0];
        yield { ...(eventId !== undefined && { id: eventId }), event };
      }
    } catch (error) {
      signal?.throwIfAborted();
      if (!over && error instanceof ConnectionError) onLost?.(error);
      loss = error;
    }
    if (over) return;
    await connection.rest(loss, tried++, { signal, ...(heard && loss instanceof ConnectionError && { retries: Infinity }) });
  }
}

const ends: ReadonlySet<GenerationStatus> = new Set(['completed', 'failed', 'cancelled', 'expired'] as const);
const hasEnded = (event: GenerationEvent): boolean => event.type === 'generation.state' && ends.has(event.status);
