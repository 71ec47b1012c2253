import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LockKeeper } from './lock-keeper.js';

describe('LockKeeper', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('renews what is held, whatever the wall clock says, and tells what is lost', async () => {
    const renewed: string[][] = [];
    const lost: string[] = [];
    const keeper = new LockKeeper({ everyMs: 100, renew: async (held) => (renewed.push(held.map(({ id, token }) => id + token)), ['b']), onLost: (id) => lost.push(id) });
    const leave = keeper.hold('a', '1');
    keeper.hold('b', '2');
    await vi.advanceTimersByTimeAsync(100);
    vi.setSystemTime(0);
    leave();
    await vi.advanceTimersByTimeAsync(100);
    keeper.close();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(renewed).toEqual([['a1', 'b2'], ['b2']]);
    expect(lost).toEqual(['b', 'b']);
  });

  it('does not call lost what was let go while it asked', async () => {
    const lost: string[] = [];
    let leave = (): void => {};
    const keeper = new LockKeeper({ everyMs: 100, renew: async () => (leave(), ['a']), onLost: (id) => lost.push(id) });
    leave = keeper.hold('a', '1');
    await vi.advanceTimersByTimeAsync(100);
    keeper.close();
    expect(lost).toEqual([]);
  });

  it('asks one question at a time and goes on after one that failed', async () => {
    let [asked, fail] = [0, (): void => {}];
    const keeper = new LockKeeper({ everyMs: 100, renew: () => ((asked += 1), new Promise((_resolve, reject) => (fail = () => reject(new Error('Redis is away'))))), onLost: () => {} });
    keeper.hold('a', '1');
    await vi.advanceTimersByTimeAsync(500);
    expect(asked).toBe(1);
    fail();
    await vi.advanceTimersByTimeAsync(100);
    expect(asked).toBe(2);
    keeper.close();
  });
});
