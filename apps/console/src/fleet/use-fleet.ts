import { useEffect, useState } from 'react';
import type { FleetObject } from '@slipstream/client';
import { useServer } from '../page/server';

export type Span = 'hour' | 'week';
const refreshMs = 5_000;

/** The fleet as it is, read again every few seconds while the server is here; undefined until the first answer. */
export function useFleet(span: Span): FleetObject | undefined {
  const { client, state, visit, report } = useServer();
  const [fleet, setFleet] = useState<FleetObject>();
  useEffect(() => {
    if (state !== 'here') return undefined;
    const leave = new AbortController();
    let timer = 0;
    const look = async (): Promise<void> => {
      try {
        setFleet(await client.fleet(span, { signal: leave.signal }));
      } catch (error) {
        if (!leave.signal.aborted) report(error);
      }
      if (!leave.signal.aborted) timer = window.setTimeout(() => void look(), refreshMs);
    };
    void look();
    return () => {
      leave.abort();
      clearTimeout(timer);
    };
  }, [client, state, visit, report, span]);
  return fleet?.span === span ? fleet : undefined;
}
