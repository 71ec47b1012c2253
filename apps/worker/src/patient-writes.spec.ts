import { beforeEach, describe, expect, it } from 'vitest';
import { SlipstreamError } from '@slipstream/contracts';
import { MemoryObjectStore } from '@slipstream/storage/testing';
import { patientWrites, type WritingClock } from './patient-writes.js';

const away = new SlipstreamError('storage_unavailable', 'away');
const bytes = new Uint8Array([1, 2]);

describe('writes with patience', () => {
  let store: MemoryObjectStore;
  let nowMs: number;
  let tried: number[];
  beforeEach(() => ([store, nowMs, tried] = [new MemoryObjectStore(), 0, []]));

  /** Time passes in pauses only; `during` sees each. */
  const put = (during: () => void = () => {}, signal?: AbortSignal): Promise<unknown> => {
    const clock: WritingClock = {
      now: () => nowMs,
      async pause(ms, stop) {
        nowMs += ms;
        during();
        if (stop?.aborted) throw new Error('some word of the timer');
      },
    };
    return patientWrites(store, { patienceMs: 60_000, onRetry: (_error, tries) => tried.push(tries), clock }).put('pictures/a/0.png', bytes, { contentType: 'image/png', ...(signal && { signal }) });
  };

  it('come through an outage of half a minute, at intervals of at most 5 s, and tell each', async () => {
    store.fault = away;
    expect(await put(() => {
      if (nowMs >= 30_000) store.fault = undefined;
    })).toBe('stored');
    expect(store.objects.get('pictures/a/0.png')).toEqual(bytes);
    expect(nowMs).toBeLessThanOrEqual(35_000);
    expect(tried).toEqual(tried.map((_, i) => i + 1));
    expect(tried.length).toBeGreaterThanOrEqual(8);
    expect(tried.length).toBeLessThanOrEqual(20);
  });

  it('fail with the store’s own error when patience is over, and not long before', async () => {
    store.fault = away;
    await expect(put()).rejects.toBe(away);
    expect(nowMs).toBeGreaterThan(55_000);
    expect(nowMs).toBeLessThanOrEqual(60_000);
  });

  it.each([['what no later try can mend', new SlipstreamError('storage_denied', 'no')], ['what is no error of a store', new TypeError('bug')]])('fail at once with %s', async (_what, fault) => {
    store.fault = fault;
    await expect(put()).rejects.toBe(fault);
    expect(tried).toEqual([]);
  });

  it('end with their signal’s reason in the middle of a pause', async () => {
    store.fault = away;
    const stop = new AbortController();
    await expect(put(() => stop.abort(new Error('cancelled')), stop.signal)).rejects.toThrow('cancelled');
    expect(tried).toEqual([1]);
  });
});
