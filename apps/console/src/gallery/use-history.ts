import { useCallback, useEffect, useState } from 'react';
import type { GenerationList, GenerationObject } from '@slipstream/client';
import { useServer } from '../page/server';
import { queryOf, type Filter } from './filter';

const pageSize = 24;
const lookAgainMs = 2_000;
const running: readonly GenerationObject['status'][] = ['queued', 'in_progress', 'cancelling'];

interface History {
  readonly generations: readonly GenerationObject[];
  readonly hasMore: boolean;
  readonly loading: boolean;
  readonly fault: string | undefined;
  /** Loads the page after. */
  readonly more: () => void;
  /** Loads the first page anew. */
  readonly refresh: () => void;
}

/** Pages of what was asked for, under a filter. */
export function useHistory({ status, age, prompt }: Filter): History {
  const { client, state, visit, report } = useServer();
  const [pages, setPages] = useState<readonly GenerationList[]>([]);
  const [after, setAfter] = useState<string>();
  const [turn, setTurn] = useState(0);
  const [loading, setLoading] = useState(true);
  const [fault, setFault] = useState<string>();
  const asked = `${status} ${age} ${prompt}`;
  const [told, setTold] = useState(asked);
  if (told !== asked) {
    setTold(asked);
    setAfter(undefined);
    setLoading(true);
  }

  useEffect(() => {
    if (state !== 'here') return undefined;
    const leave = new AbortController();
    const load = async (): Promise<void> => {
      try {
        const page = await client.list({ ...queryOf({ status, age, prompt }), limit: pageSize, ...(after !== undefined && { after }) }, { signal: leave.signal });
        setPages((before) => (after === undefined ? [page] : [...before, page]));
        setFault(undefined);
      } catch (error) {
        if (leave.signal.aborted) return;
        report(error);
        setFault(error instanceof Error ? error.message : String(error));
      }
      setLoading(false);
    };
    void load();
    return () => leave.abort();
  }, [client, state, visit, report, status, age, prompt, after, turn]);

  const last = pages.at(-1);
  const more = useCallback(() => {
    setLoading(true);
    setAfter(last?.last_id ?? undefined);
  }, [last]);
  const refresh = useCallback(() => {
    setAfter(undefined);
    setTurn((count) => count + 1);
  }, []);
  // While something on the first page runs, that page is looked at again.
  const unfinished = after === undefined && !loading && pages.some(({ data }) => data.some(({ status: each }) => running.includes(each)));
  useEffect(() => {
    if (!unfinished) return undefined;
    const timer = setInterval(() => setTurn((count) => count + 1), lookAgainMs);
    return () => clearInterval(timer);
  }, [unfinished]);

  const known = new Map(pages.flatMap(({ data }) => data).map((generation) => [generation.id, generation]));
  return { generations: [...known.values()], hasMore: last?.has_more ?? false, loading, fault, more, refresh };
}
