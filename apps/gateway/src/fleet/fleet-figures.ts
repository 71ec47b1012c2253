import { strategyNames, type FleetFigures } from '@slipstream/contracts';
import type { FleetCounts } from '@slipstream/queue';

/** What sums over a stretch of time come to; a ratio of nothing is null. */
export function fleetFigures(counts: FleetCounts, seconds: number): FleetFigures {
  const of = (name: string): number => counts[name] ?? 0;
  const perSecond = (name: string): number => (seconds > 0 ? of(name) / seconds : 0);
  const [full, shortcut, partial] = [of('steps:full'), of('steps:shortcut'), of('steps:partial')];
  return {
    rows_in_use: ratio(of('rowsInUse'), of('capacity')),
    full_steps_per_second: perSecond('steps:full'),
    shortcut_steps_per_second: perSecond('steps:shortcut'),
    partial_steps_per_second: perSecond('steps:partial'),
    pictures_per_second: perSecond('pictures'),
    cache_hit_rate: ratio(of('anchorHits'), of('anchorHits') + of('anchorMisses')),
    backlog_seconds: ratio(of('backlogSeconds'), of('samples')),
    speed_up: full > 0 ? ratio((full + shortcut + partial) * (of('seconds:full') / full), of('stepSeconds')) : null,
    quality: strategyNames.filter((strategy) => of(`audits:${strategy}`) > 0).map((strategy) => ({
      strategy,
      audits: of(`audits:${strategy}`),
      agreement: ratio(of(`agreement:${strategy}`), of(`audits:${strategy}`)),
      score_difference: ratio(of(`scoreDifference:${strategy}`), of(`scored:${strategy}`)),
      speed_up: ratio(of(`speedup:${strategy}`), of(`timed:${strategy}`)),
    })),
  };
}

/** Counts of several stretches together. */
export function sumOf(all: readonly FleetCounts[]): FleetCounts {
  const sum: Record<string, number> = {};
  for (const counts of all) for (const [name, count] of Object.entries(counts)) sum[name] = (sum[name] ?? 0) + count;
  return sum;
}

const ratio = (part: number, whole: number): number | null => (whole > 0 ? part / whole : null);
