import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SpareTime, type Spare } from './spare-time.js';

describe('spare time', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());
  const settle = () => vi.advanceTimersByTimeAsync(0);

  /** A task that runs until it is told, and its story. */
  function task() {
    const story: string[] = [];
    const alone: boolean[] = [];
    let finish = (): void => {};
    const run = (spare: Spare) => new Promise<void>((resolve, reject) => {
      story.push('begun');
      finish = () => (story.push('done'), alone.push(spare.alone()), resolve());
      spare.signal.addEventListener('abort', () => (story.push('stopped'), reject(spare.signal.reason)));
    });
    return { run, story, alone, finish: async () => (finish(), settle()) };
  }

  it('runs tasks one after the other while there are no users', async () => {
    const spare = new SpareTime({ capacity: 2 });
    const [one, two] = [task(), task()];
    expect([spare.offer(one.run), spare.offer(two.run)]).toEqual([true, true]);
    await settle();
    expect([one.story, two.story]).toEqual([['begun'], []]);
    await one.finish();
    expect([one.story, two.story]).toEqual([['begun', 'done'], ['begun']]);
    await two.finish();
    expect([one.alone, two.alone]).toEqual([[true], [true]]);
  });

  it('gives way to a user at once and begins anew when he is gone', async () => {
    const spare = new SpareTime({ capacity: 4 });
    const one = task();
    spare.offer(one.run);
    await settle();
    const leave = spare.enter(1);
    await settle();
    expect(one.story).toEqual(['begun', 'stopped']);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(one.story).toHaveLength(2);
    leave();
    await settle();
    expect(one.story).toEqual(['begun', 'stopped', 'begun']);
    await one.finish();
    expect(one.alone).toEqual([true]);
  });

  it('takes a row that no user needs after long waiting, and tells that it was not alone', async () => {
    const spare = new SpareTime({ capacity: 2, patienceMs: 1_000 });
    const one = task();
    spare.enter(1);
    spare.offer(one.run);
    await vi.advanceTimersByTimeAsync(999);
    expect(one.story).toEqual([]);
    await vi.advanceTimersByTimeAsync(2);
    expect(one.story).toEqual(['begun']);
    await one.finish();
    expect(one.alone).toEqual([false]);
  });

  it('never runs while users fill the engine, however long it waits', async () => {
    const spare = new SpareTime({ capacity: 2, patienceMs: 1_000 });
    const one = task();
    const leave = spare.enter(2);
    spare.offer(one.run);
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(one.story).toEqual([]);
    leave();
    await settle();
    expect(one.story).toEqual(['begun']);
    spare.enter(2);
    await settle();
    expect(one.story).toEqual(['begun', 'stopped']);
  });

  it('goes on beside a user once it has waited long enough', async () => {
    const spare = new SpareTime({ capacity: 2, patienceMs: 1_000 });
    const one = task();
    spare.enter(1)();
    spare.enter(1);
    spare.offer(one.run);
    await vi.advanceTimersByTimeAsync(1_001);
    spare.enter(0);
    await settle();
    expect(one.story).toEqual(['begun']);
  });

  it('refuses more than it keeps, and everything once it is closed', async () => {
    const spare = new SpareTime({ capacity: 1, most: 2 });
    const [one, two, three] = [task(), task(), task()];
    spare.enter(1);
    expect([one, two, three].map(({ run }) => spare.offer(run))).toEqual([true, true, false]);
    spare.close();
    expect(spare.offer(three.run)).toBe(false);
    expect(one.story).toEqual([]);
  });

  it('ends the running task when it closes, and does not begin it again', async () => {
    const spare = new SpareTime({ capacity: 1 });
    const one = task();
    spare.offer(one.run);
    await settle();
    spare.close();
    await settle();
    expect(one.story).toEqual(['begun', 'stopped']);
  });

  it('goes on after a task that failed', async () => {
    const spare = new SpareTime({ capacity: 1 });
    const two = task();
    spare.offer(() => Promise.reject(new Error('boom')));
    spare.offer(two.run);
    await settle();
    expect(two.story).toEqual(['begun']);
  });
});
