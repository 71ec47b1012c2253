import { useEffect, useState } from 'react';
import type { GenerationEvent, GenerationObject } from '@slipstream/client';
import { useServer } from '../page/server';

export type Preview = Extract<GenerationEvent, { type: 'generation.preview' }>;

/** One generation as this page sees it. Times are `performance.now()`. */
export interface Seen {
  readonly generation?: GenerationObject;
  /** The latest of each picture, by its place. */
  readonly previews: Readonly<Record<number, Preview>>;
  readonly startedMs?: number;
  readonly endedMs?: number;
  /** Why it cannot be followed. */
  readonly fault?: string;
}

const asleep = (status: GenerationObject['status']): boolean => status === 'queued' || status === 'in_progress' || status === 'cancelling';
export const isRunning = ({ generation }: Seen): boolean => generation !== undefined && asleep(generation.status);

/** Follows a generation from wherever it is to its pictures; when the server was away, from where it is then. */
export function useGeneration(id: string): Seen {
  const { client, state, report } = useServer();
  const [seen, setSeen] = useState<Seen>({ previews: {} });
  useEffect(() => {
    if (state !== 'here') return undefined;
    const leave = new AbortController();
    const { signal } = leave;
    const follow = async (): Promise<void> => {
      for await (const { event } of client.follow(id, { signal, onLost: report, retries: Infinity })) setSeen((before) => after(before, event));
      const generation = await client.get(id, { responseFormat: 'b64_json', signal });
      setSeen((before) => ({ ...before, generation }));
    };
    follow().catch((error: Error) => {
      if (signal.aborted) return;
      report(error);
      setSeen((before) => ({ ...before, fault: error.message }));
    });
    return () => leave.abort();
  }, [client, id, state, report]);
  return seen;
}

/** What is known after an event. The clock runs from where it was when the page came. */
export function after(before: Seen, event: GenerationEvent, nowMs = performance.now(), unixMs = Date.now()): Seen {
  if (event.type === 'generation.preview') return { ...before, previews: { ...before.previews, [event.index]: event } };
  const { type: _, ...generation } = event;
  const already = before.generation === undefined && generation.started_at !== null ? Math.max(0, unixMs - generation.started_at * 1000) : 0;
  const startedMs = before.startedMs ?? (generation.status === 'in_progress' ? nowMs - already : undefined);
  const endedMs = asleep(generation.status) ? undefined : (before.endedMs ?? nowMs);
  return { ...before, fault: undefined, generation: { ...generation, data: before.generation?.data ?? null }, startedMs, endedMs };
}
