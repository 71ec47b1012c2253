import { ascending, PartialState } from '../partial-state.js';
import type { Strategy } from '../strategy.js';

/**
 * Max-logit cache (Lumina-DiMOO's own): full steps during the warm-up and then at every `refreshInterval`-th step; in
 * between only the positions whose largest logit is lowest are recomputed, a share 1 − `cacheRatio` of the whole sequence
 * in each branch, prompt included. Everything else keeps its keys, values and features, and is sampled from as it was.
 */
export const mlCache: Strategy = {
  *course(row) {
    const { cacheRatio = 0, warmupRatio = 0, refreshInterval = 1 } = row.knobs;
    const warm = Math.floor(row.steps * warmupRatio);
    const state = new PartialState(row);
    let maxLogits: Float32Array | undefined;
    while (row.step < row.steps) {
      const full = maxLogits === undefined || row.step <= warm || (row.step - warm) % refreshInterval === 0;
      if (full) row.checkpoint();
      const output = full ? yield* state.full() : yield* state.partial(leastSure(maxLogits!, row.prompts.length, 1 - cacheRatio));
      maxLogits = output.maxLogits;
    }
  },
};

/** In each branch the positions at or below the quantile `share` of its largest logits, the lowest first; at least one. */
export function leastSure(maxLogits: Float32Array, branches: number, share: number): number[][] {
  const length = maxLogits.length / branches;
  const count = Math.floor(share * (length - 1) + 1e-9) + 1;
  return Array.from({ length: branches }, (_, branch) => ascending(maxLogits.subarray(branch * length, (branch + 1) * length)).slice(0, count));
}
