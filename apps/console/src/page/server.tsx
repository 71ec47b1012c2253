import { createContext, use, useCallback, useEffect, useMemo, useState, type ReactNode } from 'react';
import { ApiError, ConnectionError, SlipstreamClient, type ModelObject } from '@slipstream/client';
import { forgetApiKey, keepApiKey, keptApiKey } from './api-key-store';

/** `locked`: it wants an API key, or another one. */
export type ServerState = 'connecting' | 'here' | 'gone' | 'locked';

/** The gateway that this page came from. */
export interface Server {
  readonly client: SlipstreamClient;
  readonly state: ServerState;
  /** What can be asked for; empty until the server is here. */
  readonly models: readonly ModelObject[];
  /** Counts the times that the server came back: what was read before may have changed. */
  readonly visit: number;
  readonly apiKey: string | undefined;
  /** undefined forgets it. */
  changeKey(key: string | undefined): void;
  /** To be told of what a request threw: a server that is gone is looked for until it is back. */
  report(error: unknown): void;
}

const ServerContext = createContext<Server | undefined>(undefined);

export function useServer(): Server {
  const server = use(ServerContext);
  if (server) return server;
  throw new Error('useServer outside of a ServerProvider');
}

const lookAgainMs = 1_500;

export function ServerProvider({ children }: { children: ReactNode }) {
  const [apiKey, setApiKey] = useState(keptApiKey);
  const [state, setState] = useState<ServerState>('connecting');
  const [models, setModels] = useState<readonly ModelObject[]>([]);
  const [visit, setVisit] = useState(0);
  const client = useMemo(() => new SlipstreamClient({ baseUrl: location.origin, apiKey, mostRetrySeconds: 10 }), [apiKey]);

  const changeKey = useCallback((key: string | undefined) => {
    if (key === undefined) forgetApiKey();
    else keepApiKey(key);
    setApiKey(key);
    setState('connecting');
  }, []);

  const report = useCallback((error: unknown) => {
    const next = stateAfter(error);
    if (next) setState(next);
  }, []);

  useEffect(() => {
    if (state !== 'connecting' && state !== 'gone') return undefined;
    const leave = new AbortController();
    const look = async (): Promise<void> => {
      try {
        setModels(await client.models({ signal: leave.signal }));
        setState('here');
        setVisit((count) => count + 1);
      } catch (error) {
        if (leave.signal.aborted) return;
        const next = stateAfter(error) ?? 'gone';
        setState(next);
        if (next === 'gone') timer = window.setTimeout(() => void look(), lookAgainMs);
      }
    };
    let timer = 0;
    void look();
    return () => {
      leave.abort();
      clearTimeout(timer);
    };
  }, [client, state]);

  const server = useMemo(() => ({ client, state, models, visit, apiKey, changeKey, report }), [client, state, models, visit, apiKey, changeKey, report]);
  return <ServerContext value={server}>{children}</ServerContext>;
}

/** What an error says of the server; undefined where it only refuses a request. */
function stateAfter(error: unknown): ServerState | undefined {
  if (error instanceof ConnectionError) return 'gone';
  if (!(error instanceof ApiError)) return undefined;
  if (error.status === 401) return 'locked';
  return error.code === 'unexpected_answer' && error.status >= 500 ? 'gone' : undefined;
}
