import { z } from 'zod';
import type { TableRow } from './table.js';

const count = z.int().nonnegative();

const fileDigest = z.strictObject({ file: z.string(), bytes: count, sha256: z.string() });
export type FileDigest = z.infer<typeof fileDigest>;

/** How many samples became what. */
export const sampleCounts = z.strictObject({
  /** All samples of it. */
  count,
  successes: count,
  failed: count,
  dropped: count,
  /** By status and reason, as in `dropped:low_score`. */
  status_dict: z.record(z.string(), count),
  full_steps: count,
  shortcut_steps: count,
  partial_steps: count,
});
export type SampleCounts = z.infer<typeof sampleCounts>;

/** The `_stats.json` beside a shard. No clock in it: the same shard has the same statistics, whenever it is made. */
export const shardStatsSchema = sampleCounts.extend({ shard: count, tar: fileDigest, table: fileDigest });
export type ShardStats = z.infer<typeof shardStatsSchema>;

export function shardStats(shard: number, rows: readonly TableRow[], files: Pick<ShardStats, 'tar' | 'table'>): ShardStats {
  const having = (status: TableRow['status']): number => rows.filter((row) => row.status === status).length;
  const total = (column: 'full_steps' | 'shortcut_steps' | 'partial_steps'): number => rows.reduce((sum, row) => sum + (row[column] ?? 0), 0);
  const kinds = rows.map(({ status, reason }) => (reason === null ? status : `${status}:${reason}`)).sort();
  const status_dict: Record<string, number> = {};
  for (const kind of kinds) status_dict[kind] = (status_dict[kind] ?? 0) + 1;
  return {
    shard, count: rows.length, successes: having('success'), failed: having('failed'), dropped: having('dropped'), status_dict,
    full_steps: total('full_steps'), shortcut_steps: total('shortcut_steps'), partial_steps: total('partial_steps'), ...files,
  };
}

/** Counts of several together. */
export function addCounts(a: SampleCounts, b: SampleCounts): SampleCounts {
  const kinds = [...new Set([...Object.keys(a.status_dict), ...Object.keys(b.status_dict)])].sort();
  return {
    count: a.count + b.count, successes: a.successes + b.successes, failed: a.failed + b.failed, dropped: a.dropped + b.dropped,
    status_dict: Object.fromEntries(kinds.map((kind) => [kind, (a.status_dict[kind] ?? 0) + (b.status_dict[kind] ?? 0)])),
    full_steps: a.full_steps + b.full_steps, shortcut_steps: a.shortcut_steps + b.shortcut_steps, partial_steps: a.partial_steps + b.partial_steps,
  };
}

export const noCounts: SampleCounts = { count: 0, successes: 0, failed: 0, dropped: 0, status_dict: {}, full_steps: 0, shortcut_steps: 0, partial_steps: 0 };
