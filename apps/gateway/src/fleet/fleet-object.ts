import type { FleetObject } from '@slipstream/contracts';
import type { Backlog, FleetReading, FleetSpan, WorkerState } from '@slipstream/queue';
import { fleetFigures, sumOf } from './fleet-figures.js';

const pointSeconds = { hour: 60, week: 3_600 } as const;
/** Points that `now` is over: one alone has just begun. */
const recent = 3;

export function fleetObject({ workers, lanes, points }: FleetReading, { span, backlog, fallbacks, nowMs }: { span: FleetSpan; backlog: Backlog; fallbacks: number; nowMs: number }): FleetObject {
  const lengthOf = (atMs: number): number => Math.min(pointSeconds[span], Math.max(0, (nowMs - atMs) / 1000));
  const late = points.slice(-recent);
  return {
    object: 'fleet',
    at: Math.floor(nowMs / 1000),
    span,
    workers: workers.map(workerObject),
    rows: sum(workers, ({ capacity }) => capacity),
    rows_in_use: sum(workers, ({ rowsInUse }) => rowsInUse),
    backlog: { device_seconds: backlog.deviceSeconds, waiting: backlog.waitingJobs, active: backlog.activeJobs, lanes },
    fallbacks,
    now: fleetFigures(sumOf(late.map(({ counts }) => counts)), sum(late, ({ atMs }) => lengthOf(atMs))),
    points: points.map(({ atMs, counts }) => ({ at: Math.floor(atMs / 1000), seconds: lengthOf(atMs), workers_heard: (counts['samples'] ?? 0) > 0, ...fleetFigures(counts, lengthOf(atMs)) })),
  };
}

function workerObject({ id, bundle, startedAtMs, capacity, rowsInUse, waiting, fullSeconds, shortcutSeconds }: WorkerState): FleetObject['workers'][number] {
  return { id, bundle, started_at: Math.floor(startedAtMs / 1000), rows: capacity, rows_in_use: rowsInUse, waiting, full_step_seconds: fullSeconds || null, shortcut_step_seconds: shortcutSeconds || null };
}

const sum = <T>(all: readonly T[], valueOf: (each: T) => number): number => all.reduce((total, each) => total + valueOf(each), 0);
