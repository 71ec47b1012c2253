import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { GenerationJob } from '@slipstream/contracts';
import { ActiveJob, type Stop } from './active-job.js';

describe('ActiveJob', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());
  const open = (writeStep: (step: number) => Promise<boolean>) => new ActiveJob({ job: { id: 'a', createdAtMs: Date.now() - 1_500 } as GenerationJob, writeStep });

  it('writes a step a few times a second, however many are reported', async () => {
    const written: number[] = [];
    const active = open(async (step) => (written.push(step), true));
    for (let step = 1; step <= 100; step += 1) {
      active.progress(step);
      await vi.advanceTimersByTimeAsync(10);
    }
    expect(written).toEqual([1, 26, 51, 76]);
    expect(active.queuedSeconds).toBeCloseTo(1.5, 1);
  });

  it('stops when the record says so, though the nudge was lost', async () => {
    const active = open(async () => false);
    active.progress(1);
    await vi.advanceTimersByTimeAsync(1);
    expect((active.signal.reason as Stop).why).toBe('cancelled');
  });

  it('goes on when a step cannot be written, and keeps the first reason to stop', async () => {
    const active = open(() => Promise.reject(new Error('Redis is away')));
    active.progress(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(active.signal.aborted).toBe(false);
    active.stop('handed_back');
    active.stop('cancelled');
    expect((active.signal.reason as Stop).why).toBe('handed_back');
  });
});
