import type { RunLimits } from '@slipstream/sampler';
import type { EngineOptions } from './engine.js';

/**
 * Most rows of one run. On a CPU a full run of many rows costs as much as the same rows one by one, so short runs are
 * better: an abort is served sooner, the rows' memory stays in the cache, and a cohort of four already shares what a
 * small shortcut step wastes. Pictures of a large bundle are decoded one by one there, for the arena keeps what the
 * longest run needed. On a GPU a run takes all that there is. A caller's own numbers win.
 */
export function runLimits({
  capacity,
  executionProvider,
  rowsPerRun = {},
  large = false,
}: Required<Pick<EngineOptions, 'capacity' | 'executionProvider'>> & Pick<EngineOptions, 'rowsPerRun'> & { readonly large?: boolean }): RunLimits {
  const [dear, cheap] = executionProvider === 'cpu' ? [4, 16] : [capacity, capacity];
  const usual = { full: dear, partial: dear, student: dear, decode: large && executionProvider === 'cpu' ? 1 : dear, head: cheap, shortcut: cheap, anchored: cheap, tail: cheap };
  return { ...usual, ...rowsPerRun };
}
