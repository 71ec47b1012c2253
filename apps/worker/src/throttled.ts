/** Asks at most once in `everyMs`; in between gives the last answer, good or bad. */
export function throttled<T>(ask: () => Promise<T>, everyMs: number): () => Promise<T> {
  let last: { atMs: number; answer: Promise<T> } | undefined;
  return () => {
    const nowMs = Date.now();
    if (!last || nowMs - last.atMs >= everyMs) last = { atMs: nowMs, answer: ask() };
    return last.answer;
  };
}
