import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FetchWatchdog } from './fetch-watchdog.js';

describe('FetchWatchdog', () => {
  let state: { free: boolean; waiting: () => Promise<boolean> };
  let watchdog: FetchWatchdog;
  beforeEach(() => {
    vi.useFakeTimers();
    state = { free: true, waiting: async () => true };
    watchdog = new FetchWatchdog({ stuckAfterMs: 900, hasFreeHands: () => state.free, hasWaiting: () => state.waiting() });
  });
  afterEach(() => (watchdog.close(), vi.useRealTimers()));

  it('is stuck once jobs wait beside free hands for too long', async () => {
    await vi.advanceTimersByTimeAsync(1_200);
    expect(watchdog.stuck).toBe(false);
    await vi.advanceTimersByTimeAsync(300);
    expect(watchdog.stuck).toBe(true);
  });

  it('is well again with the next job fetched', async () => {
    await vi.advanceTimersByTimeAsync(2_000);
    watchdog.fetched();
    expect(watchdog.stuck).toBe(false);
  });

  it('is not stuck with full hands, an empty queue, or an unknown one', async () => {
    state.free = false;
    await vi.advanceTimersByTimeAsync(3_000);
    expect(watchdog.stuck).toBe(false);
    state.free = true;
    state.waiting = async () => false;
    await vi.advanceTimersByTimeAsync(3_000);
    expect(watchdog.stuck).toBe(false);
    state.waiting = () => Promise.reject(new Error('Redis is away'));
    await vi.advanceTimersByTimeAsync(3_000);
    expect(watchdog.stuck).toBe(false);
  });
});
