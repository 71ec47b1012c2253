import { setTimeout as sleep } from 'node:timers/promises';
import { SlipstreamError } from '@slipstream/contracts';
import type { ObjectStore } from '@slipstream/storage';

export interface Patience {
  /** For so long after it was first tried a write is tried again. */
  readonly patienceMs: number;
  /** Hears of every write that failed and is tried again, and how often it has been tried by now. */
  readonly onRetry?: (error: SlipstreamError, tries: number) => void;
  /** By default the process's own. */
  readonly clock?: WritingClock;
}

/** Milliseconds from any start; a pause rejects once its signal aborts. */
export interface WritingClock {
  now(): number;
  pause(ms: number, signal?: AbortSignal): Promise<void>;
}

const realClock: WritingClock = { now: () => performance.now(), pause: (ms, signal) => sleep(ms, undefined, { signal }) };

const [firstPauseMs, longestPauseMs] = [250, 5_000];

/**
 * Writes that wait out an outage of the store: what may succeed later is tried again, at growing intervals, with the bytes in
 * hand. An outage then costs time and nothing is computed again; and as the hands of a worker are full meanwhile, it takes no
 * more jobs. A write ends at once with the reason of its signal, and with the store's last error once patience is over.
 */
export function patientWrites(store: Pick<ObjectStore, 'put'>, { patienceMs, onRetry = () => {}, clock = realClock }: Patience): Pick<ObjectStore, 'put'> {
  return {
    async put(key, payload, options) {
      const endMs = clock.now() + patienceMs;
      for (let tries = 1; ; tries++) {
        try {
          return await store.put(key, payload, options);
        } catch (error) {
          const pauseMs = pauseAfter(tries);
          if (!(error instanceof SlipstreamError && error.retryable) || clock.now() + pauseMs > endMs) throw error;
          onRetry(error, tries);
          await clock.pause(pauseMs, options.signal).catch(() => options.signal?.throwIfAborted());
        }
      }
    },
  };
}

/** Half of it by chance, so that what failed together does not come back together. */
const pauseAfter = (tries: number): number => Math.min(longestPauseMs, firstPauseMs * 2 ** (tries - 1)) * (0.5 + Math.random() / 2);
