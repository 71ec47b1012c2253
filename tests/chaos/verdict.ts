import type { Digests } from './legs.js';
import type { LogFacts } from './log-lines.js';
import type { Revived } from './revive.js';
import type { Job } from './run-jobs.js';

export interface Evidence {
  /** Jobs that were to be sent. */
  readonly wanted: number;
  readonly jobs: readonly Job[];
  /** Digests of the pictures of each completed job, as made in the storm and undisturbed. */
  readonly made: ReadonlyMap<string, Digests>;
  readonly undisturbed: ReadonlyMap<string, Digests>;
  readonly logs: LogFacts;
  readonly revived: readonly Revived[];
  readonly takeOverSeconds: readonly number[];
  /** How often each fault came that this machine allows. */
  readonly faults: Readonly<Record<string, number>>;
}

/** What came of a run, in figures; and which of them are not as good as they have to be. */
export interface Verdict {
  readonly wanted: number;
  readonly submitted: number;
  readonly completed: number;
  readonly cancelled: number;
  /** By the reason. */
  readonly failed: Readonly<Record<string, number>>;
  readonly lost: number;
  readonly duplicated: number;
  /** Jobs whose end is in the logs of the workers, where twice would be seen; of killed workers the last lines are missing. */
  readonly witnessed: number;
  readonly differentBytes: number;
  readonly takeOvers: number;
  readonly afterLoss: number;
  readonly wastedSteps: number;
  readonly mostWastedOfARow: number;
  /** Rows that did more again than one segment of their own. */
  readonly overOneSegment: number;
  readonly poison: { readonly jobs: number; readonly failed: number; readonly listed: number; readonly revived: number };
  /** Jobs that failed as `worker_lost` and are no poison. */
  readonly matesLost: number;
  readonly longestTakeOverSeconds: number | undefined;
  /** Faults that never came, in a run that is long enough for all of them. */
  readonly unseen: readonly string[];
  /** The figures that were missed, in words. */
  readonly missed: readonly string[];
}

const mostTakeOverSeconds = 15;
/** Of what workers completed or failed. */
const leastWitnessed = 0.9;
/** Jobs of a run in which every fault comes. */
const enoughForAll = 300;

export function judge({ wanted, jobs, made, undisturbed, logs, revived, takeOverSeconds, faults }: Evidence): Verdict {
  const ended = (status: string): Job[] => jobs.filter(({ ending }) => typeof ending === 'object' && ending.status === status);
  const byId = new Map(jobs.map((job) => [job.id, job]));
  const failed: Record<string, number> = {};
  for (const job of ended('failed')) failed[codeOf(job)] = (failed[codeOf(job)] ?? 0) + 1;
  const rows = logs.takeOvers.flatMap(({ jobId, repeated }) => repeated.map((steps) => ({ steps, segment: byId.get(jobId)?.request.segment ?? Infinity })));
  const poison = jobs.filter(({ request }) => request.poison);
  const facts = {
    wanted,
    submitted: jobs.length,
    completed: ended('completed').length,
    cancelled: ended('cancelled').length,
    failed,
    lost: jobs.filter(({ ending }) => ending === 'lost' || ending === undefined).length + ended('cancelled').filter(({ cancelled }) => !cancelled).length,
    duplicated: [...logs.settlements].filter(([id, times]) => byId.has(id) && times > 1).length,
    witnessed: [...logs.settlements.keys()].filter((id) => byId.has(id)).length,
    differentBytes: ended('completed').reduce((total, { id }) => total + differences(made.get(id), undisturbed.get(id)), 0),
    takeOvers: logs.takeOvers.length,
    afterLoss: logs.takeOvers.filter(({ losses }) => losses > 0).length,
    wastedSteps: rows.reduce((total, { steps }) => total + steps, 0),
    mostWastedOfARow: Math.max(0, ...rows.map(({ steps }) => steps)),
    overOneSegment: rows.filter(({ steps, segment }) => steps > segment).length,
    poison: {
      jobs: poison.length,
      failed: poison.filter((job) => codeOf(job) === 'worker_lost').length,
      listed: revived.filter(({ listed }) => listed).length,
      revived: revived.filter(({ same }) => same).length,
    },
    matesLost: ended('failed').filter((job) => codeOf(job) === 'worker_lost' && !job.request.poison).length,
    longestTakeOverSeconds: takeOverSeconds.length > 0 ? Math.max(...takeOverSeconds) : undefined,
    unseen: jobs.length < enoughForAll ? [] : Object.keys(faults).filter((name) => faults[name] === 0),
  };
  return { ...facts, missed: missedOf(facts) };
}

function missedOf(facts: Omit<Verdict, 'missed'>): string[] {
  const { poison: { jobs, failed, listed, revived }, longestTakeOverSeconds = 0 } = facts;
  return [
    facts.submitted < facts.wanted && `only ${facts.submitted} of ${facts.wanted} jobs were sent in time`,
    facts.lost > 0 && `${facts.lost} jobs lost`,
    facts.duplicated > 0 && `${facts.duplicated} jobs settled twice`,
    facts.witnessed < leastWitnessed * (facts.completed + sum(facts.failed)) && `only ${facts.witnessed} ends are in the logs: nothing can be said of the others`,
    facts.differentBytes > 0 && `${facts.differentBytes} pictures of other bytes`,
    facts.overOneSegment > 0 && `${facts.overOneSegment} rows did more than a segment again`,
    failed < jobs && `${jobs - failed} of ${jobs} poison jobs not isolated`,
    (listed < failed || revived < failed) && `of ${failed} isolated poison jobs ${listed} were listed and ${revived} made when tried again`,
    facts.matesLost > 0 && `${facts.matesLost} jobs failed for the sake of others`,
    facts.unseen.length > 0 && `never happened: ${facts.unseen.join(', ')}`,
    longestTakeOverSeconds > mostTakeOverSeconds && `a take-over after ${longestTakeOverSeconds.toFixed(1)} s`,
  ].filter((fault) => fault !== false);
}

const sum = (counts: Readonly<Record<string, number>>): number => Object.values(counts).reduce((total, count) => total + count, 0);

const codeOf = ({ ending }: Job): string => (typeof ending === 'object' ? (ending.error?.code ?? 'no reason') : '');

function differences(made: Digests = [], undisturbed: Digests = []): number {
  return undisturbed.filter((digest, index) => digest === undefined || digest !== made[index]).length + Math.max(0, made.length - undisturbed.length);
}
