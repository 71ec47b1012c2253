/** What the logs of workers tell of one run. */
export interface LogFacts {
  /** Settlements by job, as workers say that they made them. */
  readonly settlements: ReadonlyMap<string, number>;
  /** Steps done again, by job and picture, for every time that one went on elsewhere. */
  readonly takeOvers: readonly { readonly jobId: string; readonly repeated: readonly number[]; readonly losses: number }[];
}

interface Line {
  readonly msg?: string;
  readonly jobId?: string;
  readonly outcome?: string;
  readonly repeated?: readonly number[];
  readonly losses?: number;
}

const endings = ['completed', 'failed', 'cancelled', 'expired'];

export function readLogs(logs: readonly string[]): LogFacts {
  const settlements = new Map<string, number>();
  const takeOvers: { jobId: string; repeated: readonly number[]; losses: number }[] = [];
  for (const { msg, jobId, outcome, repeated, losses } of logs.flatMap((log) => log.split('\n')).map(parsed)) {
    if (jobId === undefined) continue;
    if (outcome !== undefined && endings.includes(outcome)) settlements.set(jobId, (settlements.get(jobId) ?? 0) + 1);
    if (msg === 'generation taken over' && repeated) takeOvers.push({ jobId, repeated, losses: losses ?? 0 });
  }
  return { settlements, takeOvers };
}

/** A killed process may leave half a line. */
function parsed(line: string): Line {
  try {
    return JSON.parse(line) as Line;
  } catch {
    return {};
  }
}
