import type { ModelObject } from '@slipstream/client';
import { settingsOf, type Setting } from './settings';

/** A way to make a picture, as the model offers it. */
export interface Preset {
  /** The strategy. */
  readonly name: string;
  readonly title: string;
  /** The usual ones. */
  readonly steps: number;
  /** Full steps among them unless others are asked for; undefined where the strategy has no budget. */
  readonly budget: number | undefined;
  /** What else may be chosen. */
  readonly settings: readonly Setting[];
}

/** The one with every step full, beside which the others are shown. */
export const vanilla = 'vanilla';

const fewFullSteps = 8;

/** The model's default first, then its other strategies. */
export function presetsOf(model: ModelObject): Preset[] {
  const { defaults, limits } = model.slipstream;
  const names = [defaults.strategy as string, ...Object.keys(limits.strategies).filter((name) => name !== defaults.strategy)];
  return names.map((name) => {
    const { budget, one_step: oneStep } = limits.strategies[name]!;
    const steps = oneStep ? 1 : defaults.steps;
    const isDefault = name === defaults.strategy;
    return { name, title: titleOf(name, { steps, isDefault }), steps, budget: budget ? (isDefault ? defaults.budget : Math.min(fewFullSteps, steps)) : undefined, settings: settingsOf(model, name) };
  });
}

function titleOf(name: string, { steps, isDefault }: { steps: number; isDefault: boolean }): string {
  if (name === vanilla) return 'vanilla: every step full';
  return `${name}${steps === 1 ? ', one step' : ''}${isDefault ? ' (default)' : ''}`;
}
