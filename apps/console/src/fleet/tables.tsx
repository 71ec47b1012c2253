import type { FleetObject, FleetPointObject } from '@slipstream/client';
import { audited } from './plots';
import { clock, dayAndClock, duration, milliseconds, number, percent, times } from './words';

export function WorkersTable({ workers }: { workers: FleetObject['workers'] }) {
  if (workers.length === 0) return null;
  return (
    <Table title="Workers" heads={['Worker', 'Since', 'Rows', 'Waiting', 'Full step', 'Shortcut step', 'Bundle']}
      rows={workers.map((worker) => [worker.id, dayAndClock(worker.started_at), `${worker.rows_in_use} / ${worker.rows}`, String(worker.waiting), milliseconds(worker.full_step_seconds), milliseconds(worker.shortcut_step_seconds), worker.bundle.slice(0, 12)])} />
  );
}

/** All points together, strategy by strategy. */
export function QualityTable({ points }: { points: readonly FleetPointObject[] }) {
  const all = points.flatMap(({ quality }) => quality);
  const strategies = [...new Set(all.map(({ strategy }) => strategy))];
  if (strategies.length === 0) return <p className="hint">No picture was audited in this time: quality is measured in spare time, on a share of the accelerated pictures.</p>;
  return (
    <Table title="Quality, as audits found it" heads={['Strategy', 'Audits', 'Agreement', 'Score difference', 'Speed-up']}
      rows={strategies.map((name) => {
        const quality = all.filter(({ strategy }) => strategy === name);
        const audits = quality.reduce((sum, each) => sum + each.audits, 0);
        return [name, String(audits), percent(audited({ quality }, (each) => each.agreement)), number(audited({ quality }, (each) => each.score_difference)), times(audited({ quality }, (each) => each.speed_up))];
      })} />
  );
}

/** What the plots show, for who cannot see them. */
export function PointsTable({ points, span }: { points: readonly FleetPointObject[]; span: FleetObject['span'] }) {
  const heard = points.filter(({ workers_heard }) => workers_heard).reverse();
  const time = span === 'hour' ? clock : dayAndClock;
  return (
    <details className="points">
      <summary>The plots as a table</summary>
      <Table title={`Since ${points[0] ? dayAndClock(points[0].at) : ''}, the latest first`} heads={['Time', 'Rows', 'Full steps', 'Shortcut steps', 'Pictures', 'Backlog', 'Cache hits', 'Speed-up', 'Agreement']}
        rows={heard.map((point) => [time(point.at), percent(point.rows_in_use), `${number(point.full_steps_per_second)} / s`, `${number(point.shortcut_steps_per_second)} / s`, `${number(point.pictures_per_second)} / s`, duration(point.backlog_seconds), percent(point.cache_hit_rate), times(point.speed_up), percent(audited(point, ({ agreement }) => agreement))])} />
    </details>
  );
}

/** Scrolls by itself where it is too wide; so a keyboard must reach it. */
export function Table({ title, heads, rows }: { title: string; heads: readonly string[]; rows: readonly (readonly string[])[] }) {
  return (
    <div className="table" role="region" aria-label={title} tabIndex={0}>
      <table>
        <caption><span>{title}</span></caption>
        <thead><tr>{heads.map((head) => <th key={head} scope="col">{head}</th>)}</tr></thead>
        <tbody>{rows.map((row, index) => <tr key={index}>{row.map((cell, column) => (column === 0 ? <th key={column} scope="row">{cell}</th> : <td key={column}>{cell}</td>))}</tr>)}</tbody>
      </table>
    </div>
  );
}
