import type { BundleManifest } from './bundle-manifest.js';
import type { Sampling } from './generation-settings.js';
import { strategyTable } from './strategies.js';

/** Steps and guidance of the bundle, for a strategy that has none of its own. */
type Usual = Pick<BundleManifest['sampling'], 'steps' | 'guidance'>;

/** Whether any step is other than the base's own; only then is there something to audit and something safer. */
export function isAccelerated({ strategy, steps, budget }: Pick<Sampling, 'strategy' | 'steps' | 'budget'>): boolean {
  if (strategy === 'vanilla' || strategy === 'halton') return false;
  return !strategyTable[strategy].budget || budget < steps;
}

/** The same with every step full: what an accelerated picture is held against, and the safest there is. */
export function everyStepFull({ strategy, steps: own, guidance, temperature }: Sampling, usual: Usual): Sampling {
  const { oneStep = false } = strategyTable[strategy];
  const steps = oneStep ? usual.steps : own;
  return { strategy: 'vanilla', steps, budget: steps, knobs: {}, guidance: oneStep ? usual.guidance : guidance, temperature };
}

/**
 * What is made in place of `asked` at a fallback level: each level doubles the budget, until every step is full. A
 * strategy without a budget has one safer level, every step full. Level 0 is `asked` itself.
 */
export function saferSampling(asked: Sampling, level: number, usual: Usual): Sampling {
  if (level === 0) return asked;
  return level >= safestLevel(asked) ? everyStepFull(asked, usual) : { ...asked, budget: asked.budget * 2 ** level };
}

/** The level at which every step is full. */
export function safestLevel({ strategy, steps, budget }: Sampling): number {
  return strategyTable[strategy].budget ? Math.max(1, Math.ceil(Math.log2(steps / budget))) : 1;
}

/** The sampling as text, the same for the same sampling: what is known of one setting is kept under it. */
export function samplingKey({ strategy, steps, budget, knobs, guidance, temperature }: Sampling): string {
  return JSON.stringify([strategy, steps, budget, Object.entries(knobs).sort(([a], [b]) => (a < b ? -1 : 1)), guidance, temperature]);
}
