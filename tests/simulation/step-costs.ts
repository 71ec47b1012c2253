import type { PlanKind, RunLimits } from '@slipstream/sampler';

/** Seconds of one run: `run` once, `row` for each row in it. */
interface Cost {
  readonly run: number;
  readonly row: number;
}

/**
 * Measured on an earlier bundle on two Intel cores (a row alone, and pictures made together): a full step of r rows
 * takes 2.5 + 5.3 r ms, an anchored one 0.5 + 0.45 r ms. Head and decode have no row of their own there; they are what is
 * left of a picture's time.
 */
const full: Cost = { run: 0.0025, row: 0.0053 };
const cheap: Cost = { run: 0.0005, row: 0.00045 };
const costs: Readonly<Record<PlanKind, Cost>> = {
  ...{ full, partial: full, student: full },
  ...{ shortcut: cheap, anchored: cheap, tail: cheap, head: cheap },
  decode: { run: 0.0005, row: 0.002 },
};

/** Rows of the engine, and of one run of it, as a worker has them on such a device. */
export const capacity = 16;
export const limits: RunLimits = { full: 4, partial: 4, student: 4, decode: 4, head: 16, shortcut: 16, anchored: 16, tail: 16 };

/** Seconds of a run on a device that is so many times slower than the measured one. */
export const secondsOf = (kind: PlanKind, rows: number, slowdown: number): number => (costs[kind].run + costs[kind].row * rows) * slowdown;

/** Seconds per row of a step in a well-filled run, as a worker reports them. */
export const reportedCosts = (slowdown: number): { fullSeconds: number; shortcutSeconds: number } => ({
  fullSeconds: secondsOf('full', limits.full, slowdown) / limits.full,
  shortcutSeconds: secondsOf('anchored', 8, slowdown) / 8,
});
