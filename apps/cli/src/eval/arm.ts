import { samplingOf, SlipstreamError, strategyTable, type BundleManifest, type Sampling, type StrategyName } from '@slipstream/contracts';
import type { Engine } from '@slipstream/runtime';
import { resolveSettings } from '../sampling-options.js';

/** One way of making pictures, compared with the others on the same prompts and seeds. */
export interface Arm {
  /** As in `shortcut-b4`; names its file in the folder of an evaluation. */
  readonly id: string;
  readonly sampling: Sampling;
  /** The reference arm again under other seeds: what chance alone changes. */
  readonly rerun?: boolean;
}

/** What every arm is held against. */
export const REFERENCE_ARM = 'vanilla';

/**
 * Every strategy that the bundle serves: those with a budget at several, the others once; vanilla also with other seeds
 * and with few steps. `quick` keeps the default's budget and one few-step arm.
 */
export function armsOf(engine: Pick<Engine, 'manifest'>, { quick }: { quick: boolean }): Arm[] {
  const { manifest } = engine;
  const { steps } = manifest.sampling;
  const make = (id: string, strategy: StrategyName, options: { steps?: number; budget?: number; knob?: string[] } = {}): Arm => ({
    id,
    sampling: samplingOf(resolveSettings(engine, { prompt: 'any' }, { strategy, ...options })),
  });
  const reference = make(REFERENCE_ARM, 'vanilla');
  const few = fewStepCounts(steps, quick).map((count) => make(`vanilla-n${count}`, 'vanilla', { steps: count }));
  const accelerated = manifest.strategies.filter((name) => name !== 'vanilla').flatMap((name) => {
    if (!strategyTable[name].budget) return [make(name, name)];
    return budgetsOf(manifest, quick).map((budget) => make(`${name}-b${budget}`, name, { budget }));
  });
  const variants = quick ? [] : VARIANTS.filter(({ strategy }) => manifest.strategies.includes(strategy));
  const varied = variants.map(({ strategy, budget, knob }) => make(`${strategy}-b${budget}-${knob.replace('=', '-')}`, strategy, { budget: Math.min(budget, steps), knob: [knob] }));
  return [reference, { ...reference, id: `${REFERENCE_ARM}-rerun`, rerun: true }, ...few, ...accelerated, ...varied];
}

/**
 * The arms of a comma-separated list, and the reference arm and its rerun with them; all of them without a list.
 * Throws SlipstreamError `invalid_request` naming what is not among them.
 */
export function chosenArms(arms: readonly Arm[], list: string | undefined): Arm[] {
  if (list === undefined) return [...arms];
  const wanted = list.split(',').map((id) => id.trim());
  const unknown = wanted.find((id) => !arms.some((arm) => arm.id === id));
  if (unknown !== undefined) throw new SlipstreamError('invalid_request', `--arms has ${unknown}, which is not an arm of this evaluation`, { param: '--arms', remedy: `use any of ${arms.map(({ id }) => id).join(', ')}` });
  return arms.filter(({ id, rerun }) => id === REFERENCE_ARM || rerun || wanted.includes(id));
}

/** Knobs whose other values are worth a look. */
const VARIANTS: readonly { strategy: StrategyName; budget: number; knob: string }[] = [
  { strategy: 'shortcut', budget: 3, knob: 'placement=mass' },
  { strategy: 'adaptive', budget: 8, knob: 'tolerance=0.2' },
  { strategy: 'taylorseer', budget: 4, knob: 'order=0' },
  { strategy: 'taylorseer', budget: 4, knob: 'order=2' },
];

function fewStepCounts(steps: number, quick: boolean): number[] {
  const counts = quick ? [6] : [16, 8, 6, 5, 4];
  return counts.filter((count) => count < steps);
}

function budgetsOf({ sampling: { steps, budget } }: BundleManifest, quick: boolean): number[] {
  const budgets = quick ? [budget] : [...new Set([2, 3, 4, 8, budget])].sort((a, b) => a - b);
  return budgets.filter((count) => count < steps);
}
