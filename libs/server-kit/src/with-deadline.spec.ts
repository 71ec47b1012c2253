import { describe, expect, it } from 'vitest';
import { withDeadline } from './with-deadline.js';

const aborted = (signal: AbortSignal): Promise<never> => new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
const never = new AbortController().signal;

describe('withDeadline', () => {
  it('gives what the work gives', async () => {
    await expect(withDeadline(never, 60_000, async () => 7)).resolves.toBe(7);
  });

  it('aborts the work when the time is up', async () => {
    await expect(withDeadline(never, 5, aborted)).rejects.toMatchObject({ name: 'TimeoutError', message: 'not done within 5 ms' });
  });

  it('waits no longer for work that does not heed its signal', async () => {
    await expect(withDeadline(never, 5, () => new Promise(() => {}))).rejects.toMatchObject({ name: 'TimeoutError' });
  });

  it('aborts the work with the reason of the signal, before or while it runs', async () => {
    const controller = new AbortController();
    const work = withDeadline(controller.signal, 60_000, aborted);
    controller.abort('gone');
    await expect(work).rejects.toBe('gone');
    await expect(withDeadline(controller.signal, 60_000, async (signal) => signal.throwIfAborted())).rejects.toBe('gone');
  });
});
