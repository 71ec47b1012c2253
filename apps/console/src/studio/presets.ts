import type { GenerationRequestInput, ModelObject } from '@slipstream/client';

type Acceleration = NonNullable<GenerationRequestInput['acceleration']>;

/** A way to make a picture, as the model offers it. */
export interface Preset {
  /** The strategy. */
  readonly name: string;
  readonly title: string;
  readonly steps: number;
  /** Full steps among them unless others are asked for; undefined where the strategy has no budget. */
  readonly budget: number | undefined;
}

/** The one with every step full, beside which the others are shown. */
export const vanilla = 'vanilla';

const fewFullSteps = 8;

/** The model's default first, then its other strategies. */
export function presetsOf({ slipstream: { defaults, limits } }: ModelObject): Preset[] {
  const names = [defaults.strategy as string, ...Object.keys(limits.strategies).filter((name) => name !== defaults.strategy)];
  return names.map((name) => {
    const { budget, one_step: oneStep } = limits.strategies[name]!;
    const steps = oneStep ? 1 : defaults.steps;
    const isDefault = name === defaults.strategy;
    return { name, title: titleOf(name, { steps, isDefault }), steps, budget: budget ? (isDefault ? defaults.budget : Math.min(fewFullSteps, steps)) : undefined };
  });
}

export function accelerationOf({ name, steps, budget: usual }: Preset, budget = usual): Acceleration {
  return { strategy: name, steps, ...(budget !== undefined && usual !== undefined && { budget }) };
}

function titleOf(name: string, { steps, isDefault }: { steps: number; isDefault: boolean }): string {
  if (name === vanilla) return 'vanilla: every step full';
  return `${name}${steps === 1 ? ', one step' : ''}${isDefault ? ' (default)' : ''}`;
}
