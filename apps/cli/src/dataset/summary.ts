import type { DatasetSummary } from '@slipstream/datasets';
import type { RunNotes } from './run-notes.js';

/** A finished data set in a line or two. */
export function summaryLines(folder: string, { counts, shards, tarBytes }: DatasetSummary, notes: RunNotes): string[] {
  const left = Object.entries(counts.status_dict).filter(([kind]) => kind !== 'success').map(([kind, count]) => `${count} ${kind.replace(':', ' as ')}`);
  return [
    `${folder}: ${counts.successes} pictures in ${shards} ${shards === 1 ? 'shard' : 'shards'}, ${bytesText(tarBytes)}${left.length > 0 ? `; left out: ${left.join(', ')}` : ''}`,
    savedLine(notes),
  ];
}

export function savedLine({ fullSteps, fullStepsSaved }: RunNotes): string {
  return `first steps shared by pictures of a prompt saved ${Math.round(fullStepsSaved * 10) / 10} of ${fullSteps} full steps`;
}

export function bytesText(bytes: number): string {
  const [size, unit] = bytes < 1e6 ? [bytes / 1e3, 'kB'] : bytes < 1e9 ? [bytes / 1e6, 'MB'] : [bytes / 1e9, 'GB'];
  return `${size.toFixed(size < 10 ? 1 : 0)} ${unit}`;
}

export function durationText(seconds: number): string {
  if (seconds < 120) return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
  return seconds < 7200 ? `${(seconds / 60).toFixed(0)} min` : `${(seconds / 3600).toFixed(1)} h`;
}
