import type { StrategyName } from '@slipstream/contracts';
import type { RowOutput } from './model-runner.js';
import type { Memo, Progress } from './progress.js';
import { adaptive } from './strategies/adaptive.js';
import { anchored } from './strategies/anchored.js';
import { dimo } from './strategies/dimo.js';
import { dllmCache } from './strategies/dllm-cache.js';
import { halton } from './strategies/halton.js';
import { mlCache } from './strategies/ml-cache.js';
import { recap } from './strategies/recap.js';
import { shortcut } from './strategies/shortcut.js';
import { taylorseer } from './strategies/taylorseer.js';
import { vanilla } from './strategies/vanilla.js';
import type { Turn } from './turn.js';

/** Runs that a row asks for one after the other; each is answered with what it gave that row. */
export type Course<Result = void> = Generator<Turn, Result, RowOutput>;

/**
 * Decides which graph each step of a trajectory runs, and from what. Knows one row and nothing of its mates: what it asks
 * for is a function of the row, its outputs and its random numbers, so the same request gives the same picture in any
 * batch. Every revealing turn moves the row one step on; the course ends when `row.step` is `row.steps`.
 *
 * It calls `row.checkpoint` wherever it could begin again from tokens, step and a memo alone. A strategy that keeps more
 * than its next full step gives back never does, and begins at the beginning.
 */
export interface Strategy {
  /** `memo`: of the checkpoint that the row begins at, where its strategy left one there. */
  course(row: Progress, memo?: Memo): Course;
}

/** The registry: a new strategy is a file of its own and a line here (and its facts in the contracts' table). */
export const STRATEGIES: Readonly<Record<StrategyName, Strategy>> = {
  vanilla, halton, shortcut, adaptive, anchored, taylorseer, 'ml-cache': mlCache, recap, 'dllm-cache': dllmCache, dimo,
};
