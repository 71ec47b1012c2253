import type { LevelReport } from './measure-level.js';

const head = ['load', 'arrivals/s', 'goodput/s', '÷ capacity', 'p50 s', 'p90 s', 'p99 s', 'max s', 'completed', 'refused', 'failed', 'gateway MB', 'worker MB'];

/** The levels as a table for docs/benchmarks.md. */
export function markdown(capacityPerSecond: number, levels: readonly LevelReport[]): string {
  const row = ({ level, latencySeconds: { p50, p90, p99, max }, memory, ...each }: LevelReport): string[] => [
    ...[`${level} %`, each.arrivalsPerSecond.toFixed(2), each.goodputPerSecond.toFixed(2), each.goodputOfCapacity.toFixed(2)],
    ...[p50, p90, p99, max].map((seconds) => seconds.toFixed(2)),
    ...[each.completed, each.refused, each.failed].map(String),
    ...[memory.gateway, memory.worker].map(([before, after]) => `${before.toFixed(0)} → ${after.toFixed(0)}`),
  ];
  const lines = [head, head.map(() => '---'), ...levels.map(row)].map((cells) => `| ${cells.join(' | ')} |`);
  return [`Capacity: ${capacityPerSecond.toFixed(2)} pictures/s, measured before with more requests under way than rows.`, '', ...lines].join('\n');
}
