import { performance } from 'node:perf_hooks';

/** Milliseconds on a clock that all threads of the process share; does not jump with the wall clock. */
export function nowMs(): number {
  return performance.timeOrigin + performance.now();
}
