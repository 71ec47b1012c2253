import type { FleetObject } from '@slipstream/client';
import { duration, number, percent, times } from './words';

/** What one looks for first. */
export function FleetFiguresView({ fleet: { workers, rows, rows_in_use, backlog, fallbacks, now } }: { fleet: FleetObject }) {
  const figures: readonly [name: string, value: string, more: string][] = [
    ['Workers', String(workers.length), `${rows_in_use} of ${rows} rows in use`],
    ['Backlog', duration(backlog.device_seconds), `${backlog.waiting} waiting, ${backlog.active} in the making`],
    ['In line', String(backlog.lanes.interactive + backlog.lanes.batch), `${backlog.lanes.interactive} interactive, ${backlog.lanes.batch} batch`],
    ['Pictures', `${number(now.pictures_per_second)} / s`, `rows ${percent(now.rows_in_use)} in use`],
    ['Steps', `${number(now.full_steps_per_second + now.shortcut_steps_per_second + now.partial_steps_per_second)} / s`, `${number(now.full_steps_per_second)} full, ${number(now.shortcut_steps_per_second)} shortcut`],
    ['Speed-up', times(now.speed_up), 'against every step full'],
    ['Cache hits', percent(now.cache_hit_rate), 'of lookups of anchors'],
    ['Fallbacks', String(fallbacks), fallbacks === 0 ? 'every setting as asked for' : 'settings made safer for now'],
  ];
  return (
    <dl className="figures">
      {figures.map(([name, value, more]) => <div key={name}><dt>{name}</dt><dd><strong>{value}</strong><span className="hint">{more}</span></dd></div>)}
    </dl>
  );
}
