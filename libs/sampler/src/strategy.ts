import { refreshSteps } from './refresh-steps.js';

/** A full step runs the whole model; a shortcut step predicts the features from the previous step's. */
export type StepKind = 'full' | 'shortcut';

export interface StepBudget {
  /** Steps in all, 1 ≤ steps ≤ tokens. */
  readonly steps: number;
  /** Full steps allowed, 1 ≤ budget ≤ steps. */
  readonly budget: number;
}

/** Decides which graph each step of a trajectory runs. A shortcut step needs features, so the first kind is always `full`. */
export interface Strategy {
  /** The kind of every step, `steps` of them. Throws `invalid_request` on a budget it cannot place. */
  kinds(budget: StepBudget): StepKind[];
}

/** Every step full: the baseline. The budget is of no consequence. */
const vanilla: Strategy = {
  kinds: ({ steps }) => Array.from({ length: steps }, () => 'full'),
};

/** The paper's: `budget` full steps placed uniformly, shortcuts between them. */
const shortcut: Strategy = {
  kinds({ steps, budget }) {
    const refreshes = new Set(refreshSteps(steps, budget));
    return Array.from({ length: steps }, (_, step) => (refreshes.has(step) ? 'full' : 'shortcut'));
  },
};

/** The registry: a new strategy is an object above and a line here. */
export const STRATEGIES = { vanilla, shortcut } as const satisfies Record<string, Strategy>;

export type StrategyName = keyof typeof STRATEGIES;
