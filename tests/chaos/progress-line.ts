import type { Tell } from './legs.js';

const everyMs = 2_000;

/** Says every other second how far a phase is and how long it may still take. */
export function progressLine(write: (line: string) => void): Tell {
  let [phase, startedMs, saidMs] = ['', 0, 0];
  return (now, done, of, also) => {
    const nowMs = performance.now();
    if (now !== phase) [phase, startedMs, saidMs] = [now, nowMs, 0];
    if (nowMs - saidMs < everyMs && done < of) return;
    saidMs = nowMs;
    const perSecond = done / Math.max(1e-3, (nowMs - startedMs) / 1000);
    const eta = perSecond > 0 ? `, ETA ${Math.ceil((of - done) / perSecond)} s` : '';
    write(`${phase} ${done}/${of}${eta}${also ? `; ${also}` : ''}`);
  };
}
