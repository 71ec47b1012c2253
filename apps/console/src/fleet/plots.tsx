import type { FleetObject, FleetPointObject } from '@slipstream/client';
import { Plot, type Series } from './plot';
import { clock, dayAndClock, duration, number, percent, times } from './words';

/** A point at which no worker was heard of is a gap, not a zero. */
export const valuesOf = (points: readonly FleetPointObject[], valueOf: (point: FleetPointObject) => number | null): Series['values'] => points.map((point) => (point.workers_heard ? valueOf(point) : null));

/** Mean over all audits of a point, whatever the strategy. */
export function audited({ quality }: Pick<FleetPointObject, 'quality'>, valueOf: (each: FleetPointObject['quality'][number]) => number | null): number | null {
  const known = quality.filter((each) => valueOf(each) !== null);
  const audits = known.reduce((sum, each) => sum + each.audits, 0);
  return audits > 0 ? known.reduce((sum, each) => sum + valueOf(each)! * each.audits, 0) / audits : null;
}

export function FleetPlots({ fleet: { points, span } }: { fleet: FleetObject }) {
  const of = (valueOf: (point: FleetPointObject) => number | null): Series['values'] => valuesOf(points, valueOf);
  const from = points[0] ? (span === 'hour' ? clock : dayAndClock)(points[0].at) : '';
  const rate = (value: number | null): string => (value === null ? '–' : `${number(value)} / s`);
  return (
    <div className="plots">
      <Plot title="Rows in use" from={from} words={percent} atLeast={1} series={[{ name: 'in use', values: of((point) => point.rows_in_use) }]} />
      <Plot title="Steps" from={from} words={rate} series={[{ name: 'full', values: of((point) => point.full_steps_per_second) }, { name: 'shortcut', second: true, values: of((point) => point.shortcut_steps_per_second) }]} />
      <Plot title="Backlog" from={from} words={duration} series={[{ name: 'work', values: of((point) => point.backlog_seconds) }]} />
      <Plot title="Cache hits" from={from} words={percent} atLeast={1} series={[{ name: 'found', values: of((point) => point.cache_hit_rate) }]} />
      <Plot title="Speed-up" from={from} words={times} atLeast={1} series={[{ name: 'of steps', values: of((point) => point.speed_up) }, { name: 'audited', second: true, values: of((point) => audited(point, ({ speed_up }) => speed_up)) }]} />
      <Plot title="Agreement" from={from} words={percent} atLeast={1} series={[{ name: 'audited', values: of((point) => audited(point, ({ agreement }) => agreement)) }]} />
    </div>
  );
}
