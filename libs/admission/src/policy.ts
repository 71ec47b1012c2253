import type { GenerationSettings, Lane } from '@slipstream/contracts';

/** Work of a step, so that a device-second of either kind is about as much: a full step is measured at 8.4 shortcut steps. */
const stepWork = { full: 8, shortcut: 1 } as const;

/** What a unit of work is charged in each lane: where both want all they can get, batch has one in ten. */
export const laneCharges: Readonly<Record<Lane, number>> = { interactive: 1, batch: 9 };

/**
 * Pictures that a worker takes at a time for each row of its engine: what began together ends together, and rows must not
 * stay empty until the next come. By docs/simulation/report.md 1 loses 1.6 % of throughput, 1.5 a quarter of a percent, and
 * each half more adds half a batch to everybody's wait.
 */
export const handsPerRow = 1.5;

/** Pictures that lie ready beyond the hands of the fleet: one, so that the next is there when a hand is free, and the first where no hand is known. */
export const jobsAhead = 1;

/** Seconds per row of a step, until a worker has measured its own. */
export const assumedCosts = { fullSeconds: 0.1, shortcutSeconds: 0.01 } as const;

/** How far back the drain rate looks. */
export const drainWindowSeconds = 30;

/** What a generation is charged, in shortcut steps; a whole number, so that Redis and JavaScript add up to the same. */
export function workOf({ n, steps, budget }: Pick<GenerationSettings, 'n' | 'steps' | 'budget'>): number {
  return n * (budget * stepWork.full + (steps - budget) * stepWork.shortcut);
}
