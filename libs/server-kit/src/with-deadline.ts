/**
 * Gives `work` a signal that aborts with `signal`, or after `ms`, and waits no longer than that for it, whether it heeds
 * the signal or not. A timer of its own: Node lets go of one that only AbortSignal.any of AbortSignal.timeout knows, and
 * it never fires. Rejects with the signal's reason, or with a TimeoutError.
 */
export async function withDeadline<T>(signal: AbortSignal, ms: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const ending = new AbortController();
  const ended = new Promise<never>((_resolve, reject) => ending.signal.addEventListener('abort', () => reject(ending.signal.reason as Error), { once: true }));
  ended.catch(() => {}); // heard below, unless the work throws before it begins
  const end = (): void => ending.abort(signal.reason);
  const timer = setTimeout(() => ending.abort(new DOMException(`not done within ${ms} ms`, 'TimeoutError')), ms);
  signal.addEventListener('abort', end, { once: true });
  if (signal.aborted) end();
  try {
    return await Promise.race([work(ending.signal), ended]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', end);
  }
}
