import { useEffect, useState } from 'react';

/** `performance.now()` of the last frame while it runs. */
export function useNow(runs: boolean): number {
  const [nowMs, setNowMs] = useState(() => performance.now());
  useEffect(() => {
    if (!runs) return undefined;
    let frame = requestAnimationFrame(function tick(ms) {
      setNowMs(ms);
      frame = requestAnimationFrame(tick);
    });
    return () => cancelAnimationFrame(frame);
  }, [runs]);
  return nowMs;
}
