import { useCallback, useEffect, useRef, useState } from 'react';
import { ApiError, type StudyPairObject, type VoteRequest } from '@slipstream/client';
import { useServer } from '../page/server';
import { wordsOf } from './use-read';

export interface Voting {
  /** undefined until there is an answer. */
  readonly pair: StudyPairObject | undefined;
  readonly fault: string | undefined;
  readonly busy: boolean;
  /** Of the pair that is shown; nothing while there is none. */
  vote(choice: VoteRequest['choice']): void;
}

/** One pair after the other, as they become ready. */
export function useBooth(id: string): Voting {
  const { client, state, visit, report } = useServer();
  const [pair, setPair] = useState<StudyPairObject>();
  const [fault, setFault] = useState<string>();
  const [busy, setBusy] = useState(false);
  const [turn, setTurn] = useState(0);
  const sending = useRef(false);
  const counted = useRef<string>(undefined);

  useEffect(() => {
    if (state !== 'here') return undefined;
    const leave = new AbortController();
    let timer = 0;
    const look = async (): Promise<void> => {
      try {
        const next = await client.studies.pair(id, { signal: leave.signal });
        setPair(next);
        setFault(undefined);
        if (next.status === 'waiting') timer = window.setTimeout(() => void look(), next.retry_after_seconds * 1000);
      } catch (error) {
        if (leave.signal.aborted) return;
        report(error);
        setFault(wordsOf(error));
        if (error instanceof ApiError && error.retryable) timer = window.setTimeout(() => void look(), (error.retryAfterSeconds ?? 5) * 1000);
      }
      setBusy(false);
    };
    void look();
    return () => {
      leave.abort();
      clearTimeout(timer);
    };
  }, [client, id, state, visit, report, turn]);

  const vote = useCallback((choice: VoteRequest['choice']): void => {
    if (pair?.status !== 'ready' || sending.current || counted.current === pair.id) return; // the next one is on its way
    sending.current = true;
    setBusy(true);
    client.studies.vote(id, { pair: pair.id, choice })
      .catch((error: unknown) => {
        if (error instanceof ApiError && (error.code === 'pair_voted' || error.code === 'study_completed')) return; // it is counted, or was not needed any more
        report(error);
        throw error;
      })
      .then(() => {
        counted.current = pair.id;
        setTurn((count) => count + 1);
      }, (error: unknown) => {
        setFault(`This vote did not count: ${wordsOf(error)}`);
        setBusy(false);
      })
      .finally(() => (sending.current = false));
  }, [client, id, pair, report]);

  return { pair, fault, busy, vote };
}
