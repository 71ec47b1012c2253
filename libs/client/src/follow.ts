import type { GenerationObject, GenerationStatus } from '@slipstream/contracts';
import type { Connection } from './connection.js';
import type { ConnectionError } from './errors.js';
import { unbroken } from './unbroken.js';

/** Where a generation is, or a preview of one of its pictures, as `GET /v1/generations/{id}/events` tells it. */
export type GenerationEvent =
  | ({ readonly type: 'generation.state' } & GenerationObject)
  | { readonly type: 'generation.preview'; readonly id: string; readonly index: number; readonly step: number; readonly steps: number; readonly output_format: GenerationObject['output_format']; readonly b64_json: string; readonly grid: string; readonly masked: string };

export interface FollowOptions {
  /** Of the last event that was seen: what has changed since is told. */
  readonly lastEventId?: string;
  /** Told each time that the connection is lost, before the next try. */
  readonly onLost?: (error: ConnectionError) => void;
  /** Further tries while nothing was heard, or the gateway answers with an error that may pass; default the client’s. */
  readonly retries?: number;
  readonly signal?: AbortSignal;
}

export interface FollowedEvent {
  readonly id?: string;
  readonly event: GenerationEvent;
}

/** Events to the one that tells how it ended, over as many streams as that takes. */
export async function* follow(connection: Connection, id: string, { lastEventId, onLost, retries, signal }: FollowOptions): AsyncGenerator<FollowedEvent> {
  let [seen, over] = [lastEventId, false];
  const listen = () => connection.events(`/v1/generations/${encodeURIComponent(id)}/events`, { headers: seen === undefined ? {} : { 'last-event-id': seen }, signal, onNoMore: () => (over = true) });
  for await (const { id: eventId, data } of unbroken(connection, listen, { isOver: () => over, onLost, retries, signal })) {
    const event = data as GenerationEvent;
    [seen, over] = [eventId ?? seen, hasEnded(event)];
    yield { ...(eventId !== undefined && { id: eventId }), event };
  }
}

const ends: ReadonlySet<GenerationStatus> = new Set(['completed', 'failed', 'cancelled', 'expired'] as const);
const hasEnded = (event: GenerationEvent): boolean => event.type === 'generation.state' && ends.has(event.status);
