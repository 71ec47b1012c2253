import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Checkpoint, GenerationJob } from '@slipstream/contracts';
import { ActiveJob, type ActiveJobOptions, type Standing, type Stop } from './active-job.js';

const at = (step: number): Checkpoint => ({ step, tokens: [1, 2], stepMap: 'F'.repeat(step) });
const write = (written: Standing[]): ActiveJobOptions['write'] => async (standing) => (written.push(standing), 'run');

describe('ActiveJob', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());
  const open = (options: Omit<ActiveJobOptions, 'job'>, n = 1) => new ActiveJob({ job: { id: 'a', createdAtMs: Date.now() - 1_500, settings: { n } } as GenerationJob, ...options });

  it('writes a step a few times a second, however many are reported', async () => {
    const written: Standing[] = [];
    const active = open({ write: write(written) });
    for (let step = 1; step <= 100; step += 1) {
      active.progress(0, { step });
      await vi.advanceTimersByTimeAsync(10);
    }
    expect(written.map(({ reached }) => reached[0])).toEqual([1, 26, 51, 76]);
    expect(active.queuedSeconds).toBeCloseTo(1.5, 1);
  });

  it('writes a checkpoint at once, and after a write that takes its time the newest only', async () => {
    const written: Standing[] = [];
    let release = (): void => {};
    const active = open({ write: async (standing) => (written.push(standing), await new Promise<void>((resolve) => (release = resolve)), 'run') }, 2);
    active.progress(0, { step: 4, checkpoint: at(4) });
    active.progress(1, { step: 4, checkpoint: at(4) });
    active.progress(0, { step: 8, checkpoint: at(8) });
    expect(written).toEqual([{ reached: [4, 0], checkpoints: [at(4), null] }]);
    release();
    await vi.advanceTimersByTimeAsync(0);
    expect(written[1]).toEqual({ reached: [8, 4], checkpoints: [at(8), at(4)] });
    release();
    await vi.advanceTimersByTimeAsync(0);
    expect(written).toHaveLength(2);
  });

  it('is saved when its last checkpoint is written', async () => {
    const written: Standing[] = [];
    const active = open({ write: write(written) });
    active.progress(0, { step: 4, checkpoint: at(4) });
    active.progress(0, { step: 8, checkpoint: at(8) });
    await active.saved();
    expect(written.at(-1)?.checkpoints).toEqual([at(8)]);
  });

  it('goes on from where its pictures were left', () => {
    const active = open({ checkpoints: [null, at(8)], write: write([]) }, 3);
    expect(active.checkpoints).toEqual([null, at(8), null]);
  });

  it.each(['cancelled', 'lost'] as const)('stops when the record says %s, though the nudge was lost', async (said) => {
    const active = open({ write: async () => said });
    active.progress(0, { step: 1 });
    await vi.advanceTimersByTimeAsync(1);
    expect((active.signal.reason as Stop).why).toBe(said);
  });

  it('goes on when a step cannot be written, and keeps the first reason to stop', async () => {
    const active = open({ write: () => Promise.reject(new Error('Redis is away')) });
    active.progress(0, { step: 1 });
    await vi.advanceTimersByTimeAsync(1);
    expect(active.signal.aborted).toBe(false);
    active.stop('handed_back');
    active.stop('cancelled');
    expect((active.signal.reason as Stop).why).toBe('handed_back');
  });

  it('that is to leave is not stopped', () => {
    const active = open({ write: write([]) });
    active.leave();
    expect([active.leaving.aborted, active.signal.aborted]).toEqual([true, false]);
  });
});
