import { availableParallelism, cpus, platform, release } from 'node:os';
import type { ChaosOptions } from './options.js';
import type { ChaosResult } from './run-chaos.js';

const countsOf = (counts: Readonly<Record<string, number>>): string => Object.entries(counts).map(([name, count]) => `${count} × ${name}`).join(', ') || 'none';

/** The run in one table, for people. */
export function markdown({ verdict, faults, ends, unanswered, lookups, seconds, leftOut }: ChaosResult, options: ChaosOptions): string {
  const { poison, missed } = verdict;
  const rows: [figure: string, least: string, found: string | number][] = [
    ['submitted', String(verdict.wanted), verdict.submitted],
    ['completed', '', verdict.completed],
    ['cancelled on request', '', verdict.cancelled],
    ['failed with a reason', '', countsOf(verdict.failed)],
    ['lost', '0', verdict.lost],
    ['duplicated: settled twice', '0', verdict.duplicated],
    ['different bytes: pictures that differ from an undisturbed run', '0', verdict.differentBytes],
    ['jobs gone on with elsewhere (of these after a lost worker)', '', `${verdict.takeOvers} (${verdict.afterLoss})`],
    ['wasted steps: computed again, as records know them', '', verdict.wastedSteps],
    ['most of one row', '', verdict.mostWastedOfARow],
    ['rows that computed more than one segment again', '0', verdict.overOneSegment],
    ['poison jobs isolated / listed / made when tried again', String(poison.jobs), `${poison.failed} / ${poison.listed} / ${poison.revived}`],
    ['jobs that failed as worker_lost and are no poison', '0', verdict.matesLost],
    ['longest take-over after SIGKILL, default settings', '≤ 15 s', verdict.longestTakeOverSeconds === undefined ? 'not measured' : `${verdict.longestTakeOverSeconds.toFixed(1)} s of ${options.rounds}`],
  ];
  return [
    '# Chaos run',
    '',
    `\`npm run chaos -- --jobs ${options.jobs} --seed ${options.seed}\`: ${options.gateways} gateways, ${options.workers} workers of the tiny bundle, Redis (append-only) behind a proxy, a cache Redis behind another, moto's S3 server behind a third, a small disk for every tenth job; ${(seconds / 60).toFixed(1)} minutes on ${availableParallelism()} × ${cpus()[0]?.model.trim() ?? 'unknown'}, ${platform()} ${release()}, Node ${process.version}.`,
    '',
    '| figure | at least | found |',
    '|---|---|---|',
    ...rows.map(([figure, least, found]) => `| ${figure} | ${least} | ${found} |`),
    '',
    '| fault | times |',
    '|---|---|',
    ...Object.entries(faults).map(([name, times]) => `| ${name} | ${times} |`),
    '',
    `Servers that ended and were started again: ${countsOf(ends)}.`,
    '',
    `Requests that no gateway answered with a job, and were sent again: ${unanswered}.`,
    '',
    `Lookups of anchors in the cache Redis, of the workers that were up at the end: ${countsOf(lookups)}.`,
    ...(leftOut.length > 0 ? ['', `Left out: ${leftOut.join('; ')}.`] : []),
    '',
    missed.length === 0 ? 'Every figure is met.' : `Missed: ${missed.join('; ')}.`,
    '',
  ].join('\n');
}
