import { useEffect, useState } from 'react';
import { ApiError, type FollowOptions, type GenerationEvent, type GenerationObject, type SlipstreamClient } from '@slipstream/client';
import { useServer } from '../page/server';

export type Preview = Extract<GenerationEvent, { type: 'generation.preview' }>;

/** One generation as this page sees it. Times are `performance.now()`. */
export interface Seen {
  readonly generation?: GenerationObject;
  readonly preview?: Preview;
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
  const [seen, setSeen] = useState<Seen>({});
  useEffect(() => {
    if (state !== 'here') return undefined;
    const leave = new AbortController();
    const { signal } = leave;
    const follow = async (): Promise<void> => {
      const tell = (event: GenerationEvent): void => setSeen((before) => after(before, event));
      for (;;) {
        try {
          if (await followOnce(client, id, { signal, tell, onLost: report })) {
            const generation = await client.get(id, { responseFormat: 'b64_json', signal });
            return setSeen((before) => ({ ...before, generation }));
          }
        } catch (error) {
          if (signal.aborted) return;
          report(error);
          if (error instanceof ApiError && !error.retryable) return setSeen((before) => ({ ...before, fault: error.message }));
        }
        if (!(await rest(signal))) return;
      }
    };
    void follow();
    return () => leave.abort();
  }, [client, id, state, report]);
  return seen;
}

/** Between tries: a server that leaves, or cannot reach its queue, may answer at once and often. False when it is not to go on. */
function rest(signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, 700, true);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve(false);
    }, { once: true });
  });
}

/** Whether it ended; a server that leaves ends the stream before. */
async function followOnce(client: SlipstreamClient, id: string, { tell, ...options }: FollowOptions & { tell: (event: GenerationEvent) => void }): Promise<boolean> {
  let ended = false;
  for await (const { event } of client.follow(id, options)) {
    tell(event);
    ended = event.type === 'generation.state' && !asleep(event.status);
  }
  return ended;
}

/** What is known after an event. The clock runs from where it was when the page came. */
export function after(before: Seen, event: GenerationEvent, nowMs = performance.now(), unixMs = Date.now()): Seen {
  if (event.type === 'generation.preview') return { ...before, preview: event };
  const { type: _, ...generation } = event;
  const already = before.generation === undefined && generation.started_at !== null ? Math.max(0, unixMs - generation.started_at * 1000) : 0;
  const startedMs = before.startedMs ?? (generation.status === 'in_progress' ? nowMs - already : undefined);
  const endedMs = asleep(generation.status) ? undefined : (before.endedMs ?? nowMs);
  return { ...before, generation: { ...generation, data: before.generation?.data ?? null }, startedMs, endedMs };
}
