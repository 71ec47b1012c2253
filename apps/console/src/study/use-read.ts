import { useCallback, useEffect, useState } from 'react';
import { useServer } from '../page/server';

export interface Reading<T> {
  readonly value: T | undefined;
  readonly fault: string | undefined;
  again(): void;
}

/** What a question to the server is answered; asked again when it comes back, or on demand. Give it a stable `read`. */
export function useRead<T>(read: (signal: AbortSignal) => Promise<T>): Reading<T> {
  const { state, visit, report } = useServer();
  const [value, setValue] = useState<T>();
  const [fault, setFault] = useState<string>();
  const [turn, setTurn] = useState(0);
  const again = useCallback(() => setTurn((count) => count + 1), []);
  useEffect(() => {
    if (state !== 'here') return undefined;
    const leave = new AbortController();
    read(leave.signal).then(
      (found) => {
        setValue(found);
        setFault(undefined);
      },
      (error: unknown) => {
        if (leave.signal.aborted) return;
        report(error);
        setFault(wordsOf(error));
      },
    );
    return () => leave.abort();
  }, [state, visit, report, read, turn]);
  return { value, fault, again };
}

export const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
