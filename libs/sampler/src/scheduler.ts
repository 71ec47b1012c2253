import type { RunResult } from './model-runner.js';
import type { PlanKind, StepPlan } from './step-plan.js';
import type { Trajectory } from './trajectory.js';

/** Most rows of one run, by kind. */
export type RunLimits = Record<PlanKind, number>;

/**
 * Shortcuts are nearly free, so whoever can take one does, until every row stands before a full step or its decode;
 * decodes free rows, so they go before the next full run. A row takes only so many shortcuts between full steps and
 * nobody gains one meanwhile, so neither queue starves the other.
 */
const PRIORITY: readonly PlanKind[] = ['shortcut', 'decode', 'full'];

/** Who runs next. Bookkeeping only: synchronous, no clock, no I/O. One plan is out at a time. */
export class Scheduler {
  private readonly queue: Trajectory[] = [];
  /** The least recently served first. */
  private rows: Trajectory[] = [];

  constructor(
    readonly capacity: number,
    private readonly limits: RunLimits,
  ) {}

  get waiting(): number {
    return this.queue.length;
  }

  get rowsInUse(): number {
    return this.rows.length;
  }

  submit(trajectory: Trajectory): void {
    this.queue.push(trajectory);
  }

  /** Frees the row, or the place in the queue; the result of a run it is part of will pass it by. */
  abort(trajectory: Trajectory): void {
    remove(this.queue, trajectory);
    remove(this.rows, trajectory);
  }

  /** The next run, or undefined when there is nothing to do. */
  schedule(): StepPlan<Trajectory> | undefined {
    this.rows.push(...this.queue.splice(0, this.capacity - this.rows.length));
    for (const kind of PRIORITY) {
      const first = this.rows.find((row) => row.kind === kind);
      if (first === undefined) continue;
      const mates = this.rows.filter((row) => row.kind === kind && row.bucket === first.bucket);
      return { kind, rows: mates.slice(0, this.limits[kind]), bucket: first.bucket };
    }
    return undefined;
  }

  /** Hands each row its result and gives back those that are finished, which leave. */
  commit({ kind, rows }: StepPlan<Trajectory>, result: RunResult): Trajectory[] {
    const staying = new Set(this.rows);
    const served = rows.filter((row) => staying.has(row));
    for (const [index, row] of rows.entries()) {
      if (!staying.has(row)) continue;
      row.spent[kind].runs += 1;
      row.spent[kind].seconds += result.seconds / rows.length;
      if ('pixels' in result) row.finish(result.pixels[index]!);
      else row.reveal(result.nextTokens[index]!, result.features[index]!);
      staying.delete(row);
    }
    this.rows = [...staying, ...served.filter((row) => !row.finished)];
    return served.filter((row) => row.finished);
  }
}

function remove<T>(list: T[], item: T): void {
  const index = list.indexOf(item);
  if (index >= 0) list.splice(index, 1);
}
