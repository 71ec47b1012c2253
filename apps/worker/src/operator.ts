import { setTimeout as sleep } from 'node:timers/promises';
import type { GenerationRecord } from '@slipstream/contracts';
import type { GenerationQueue } from '@slipstream/queue';

export interface OperatorParts {
  readonly queue: Pick<GenerationQueue, 'check' | 'failed' | 'retry'>;
  readonly say: (line: string) => void;
  /** How long Redis may take to answer at first, default 5 s. */
  readonly patienceMs?: number;
}

const usage = `usage: jobs failed            what failed, the latest first, with the reason
       jobs retry <id>…      puts these into the queue again, as if they had never begun
       jobs retry --all      all that failed`;

/** What an operator does with generations that failed. The result is the exit code: 2 for a command that is none. */
export async function askOperator([command, ...ids]: readonly string[], { queue, say, patienceMs = 5_000 }: OperatorParts): Promise<number> {
  if (command !== 'failed' && (command !== 'retry' || ids.length === 0)) {
    say(usage);
    return 2;
  }
  try {
    await connected(queue, patienceMs);
    if (command === 'retry') return await retry(ids.includes('--all') ? (await queue.failed({ most: 10_000 })).map(({ id }) => id) : ids, { queue, say });
    const failed = await queue.failed();
    for (const record of failed) say(line(record));
    if (failed.length === 0) say('nothing has failed');
    return 0;
  } catch (error) {
    say((error as Error).message);
    return 1;
  }
}

async function retry(ids: readonly string[], { queue, say }: OperatorParts): Promise<number> {
  let code = 0;
  for (const id of ids) {
    const again = await queue.retry(id);
    say(again ? `${id} waits again` : `${id} has not failed, or its last worker is not done with it`);
    if (!again) code = 1;
  }
  return code;
}

const line = ({ id, endedAtMs = 0, error, losses, settings }: GenerationRecord): string =>
  [new Date(endedAtMs).toISOString(), id, error?.code ?? '', `${losses} workers lost`, settings.strategy, error?.message ?? ''].join('  ');

async function connected(queue: OperatorParts['queue'], patienceMs: number): Promise<void> {
  for (const startedMs = performance.now(); ; await sleep(50)) {
    const fault = await queue.check().then(() => undefined, (error: unknown) => error);
    if (fault === undefined) return;
    if (performance.now() - startedMs > patienceMs) throw fault;
  }
}
