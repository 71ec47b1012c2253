import type { RunResult } from './model-runner.js';
import type { StepPlan } from './step-plan.js';
import type { Trajectory } from './trajectory.js';
import type { PlanKind, Shape } from './turn.js';

/** Most rows of one run, by kind. */
export type RunLimits = Record<PlanKind, number>;

/**
 * Cheap runs are nearly free, so whoever can take one does, until every row stands before a dear one or its decode;
 * decodes free rows, so they go before the next dear run. Among kinds of one class the row that has waited longest
 * decides. A head run is cheap but waits with the dear: it begins a picture whose first step is remembered, and were it
 * let through, a queue of those could pass a dear row by for ever. So every row begins dear, takes only so many cheap runs
 * until it is dear again, and no class starves another. A row that waits for anchors is passed by.
 */
const CLASSES: readonly (readonly PlanKind[])[] = [['shortcut', 'anchored', 'tail'], ['decode'], ['full', 'head', 'partial', 'student']];

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

  /** Gives free places to those who wait, and gives those back. */
  admit(): Trajectory[] {
    const admitted = this.queue.splice(0, this.capacity - this.rows.length);
    this.rows.push(...admitted);
    return admitted;
  }

  /** The next run of those admitted, or undefined when there is nothing to do but wait. */
  schedule(): StepPlan<Trajectory> | undefined {
    const ready = this.rows.filter((row) => row.recalling === undefined);
    for (const kinds of CLASSES) {
      const first = ready.find((row) => kinds.includes(row.kind));
      if (first === undefined) continue;
      const { kind, shape } = first;
      const mates = ready.filter((row) => row.kind === kind && sameShape(row.shape, shape));
      return { kind, rows: mates.slice(0, this.limits[kind]), shape };
    }
    return undefined;
  }

  /** Hands each row its output and gives back those that are finished or failed, which leave. */
  commit({ kind, rows }: StepPlan<Trajectory>, result: RunResult): Trajectory[] {
    const staying = new Set(this.rows);
    const served = rows.filter((row) => staying.has(row));
    for (const [index, row] of rows.entries()) {
      if (!staying.has(row)) continue;
      row.spent[kind].runs += 1;
      row.spent[kind].seconds += result.seconds / rows.length;
      row.take(result.rows[index]!);
      staying.delete(row);
    }
    this.rows = [...staying, ...served.filter((row) => !row.settled)];
    return served.filter((row) => row.settled);
  }
}

function sameShape(a: Shape, b: Shape): boolean {
  return a.masked === b.masked && a.places === b.places && a.branches === b.branches;
}

function remove<T>(list: T[], item: T): void {
  const index = list.indexOf(item);
  if (index >= 0) list.splice(index, 1);
}
