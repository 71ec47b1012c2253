import type { EngineStats } from '@slipstream/runtime';
import type { Sampling } from '../sampling.js';

/** A way of making pictures that is compared with others on the same prompts and seeds. */
export const armNames = ['vanilla', 'rerun', 'accelerated', 'fewStep'] as const;
export type ArmName = (typeof armNames)[number];

/** A prompt under a seed: what is the same in all arms. */
export interface Subject {
  readonly prompt: string;
  readonly seed: number;
}

/** Each name once, under a seed of its own. */
export function nameSubjects(names: readonly string[], seed: number): Subject[] {
  return names.map((prompt, i) => ({ prompt, seed: seed + i }));
}

/** Each category under the same `seeds` seeds. */
export function categorySubjects(categories: readonly string[], seed: number, seeds: number): Subject[] {
  return categories.flatMap((prompt) => Array.from({ length: seeds }, (_, s) => ({ prompt, seed: seed + s })));
}

/**
 * Steps of a vanilla picture that takes no fewer seconds than the accelerated one, from the cost of single steps:
 * rounded up, so that the comparison favours vanilla.
 */
export function fewSteps({ steps, budget }: Sampling, costs: Pick<EngineStats['rowSeconds'], 'full' | 'shortcut'>): number {
  const ratio = costs.full > 0 ? costs.shortcut / costs.full : 0;
  return Math.min(steps, Math.max(1, Math.ceil(budget + (steps - budget) * ratio - 1e-9)));
}
