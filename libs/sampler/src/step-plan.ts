import type { Row } from './model-runner.js';
import type { StepKind } from './strategy.js';

/** The graph that a run uses. */
export type PlanKind = StepKind | 'decode';

/** One graph run. All rows are of one kind and one bucket, so no row's shape depends on its mates. */
export interface StepPlan<R extends Row = Row> {
  readonly kind: PlanKind;
  readonly rows: readonly R[];
  /** Places for new tokens in each row of a shortcut step; 0 for the other kinds. */
  readonly bucket: number;
}

/** A plan in words, for errors and logs. */
export function describePlan({ kind, rows, bucket }: { kind: PlanKind; rows: { length: number }; bucket: number }): string {
  return `${kind} run of ${rows.length} ${rows.length === 1 ? 'row' : 'rows'}${bucket > 0 ? `, bucket ${bucket}` : ''}`;
}
