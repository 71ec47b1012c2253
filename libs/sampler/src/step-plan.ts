import type { Row } from './model-runner.js';
import type { PlanKind, Shape } from './turn.js';

/** One graph run. All rows are of one kind and one shape, so no row's shape depends on its mates. */
export interface StepPlan<R extends Row = Row> {
  readonly kind: PlanKind;
  readonly rows: readonly R[];
  readonly shape: Shape;
}

/** A plan in words, for errors and logs. */
export function describePlan({ kind, rows, shape }: { kind: PlanKind; rows: { length: number }; shape: Shape }): string {
  const sizes = Object.entries(shape).filter(([, size]) => size > 0).map(([axis, size]) => `, ${axis} ${size}`);
  return `${kind} run of ${rows.length} ${rows.length === 1 ? 'row' : 'rows'}${sizes.join('')}`;
}
