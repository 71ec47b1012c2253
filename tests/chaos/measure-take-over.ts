import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { eventually, startWorker, type RunningServer } from '../src/harness/index.js';
import { makeJob } from '../src/queue/make-job.js';
import { openQueue } from '../src/worker/open-queue.js';

/** Enough to last until the kill, few enough for one worker to have them all in hand. */
const crowd = { jobs: 24, n: 10 };

/**
 * Seconds from the SIGKILL of a worker to another one having begun with all that it had, at the servers' own settings and
 * with nothing else wrong; one number a round.
 */
export async function measureTakeOver(env: Readonly<Record<string, string>>, rounds: number): Promise<number[]> {
  const queue = await openQueue(env);
  const redis = new Redis(env['REDIS_URL']!);
  const start = async (): Promise<RunningServer> => {
    const worker = await startWorker(env);
    await worker.ready(300_000);
    return worker;
  };
  const field = (id: string, name: string): Promise<string | null> => redis.hget(`${env['QUEUE_PREFIX']}:generation:${id}`, name);
  const seconds: number[] = [];
  let [doomed, heir] = await Promise.all([start(), start()]);
  for (let round = 0; round < rounds; round++) {
    process.kill(heir.pid, 'SIGSTOP'); // so that the doomed one gets all of them
    const jobs = Array.from({ length: crowd.jobs }, (_, i) => makeJob({ settings: { n: crowd.n, seed: i * crowd.n, strategy: 'vanilla', steps: 16, budget: 16, knobs: {} } }));
    await Promise.all(jobs.map((job) => queue.enqueue(job)));
    await eventually(async () => (await Promise.all(jobs.map(({ id }) => field(id, 'status')))).some((status) => status === 'in_progress'), { what: 'a worker is at it', intervalMs: 2 });
    process.kill(doomed.pid, 'SIGSTOP');
    const had = (await Promise.all(jobs.map(async ({ id }) => ((await field(id, 'owner')) === null ? [] : [id])))).flat();
    process.kill(heir.pid, 'SIGCONT');
    const killedMs = performance.now();
    await doomed.stop('SIGKILL');
    await eventually(async () => (await Promise.all(had.map((id) => field(id, 'losses')))).every((losses) => losses === '1'), { what: 'another worker has taken over', deadlineMs: 60_000, intervalMs: 20 });
    seconds.push((performance.now() - killedMs) / 1000);
    [doomed, heir] = [heir, await start()];
    for (const { id } of jobs) await queue.follow(id, AbortSignal.timeout(60_000));
    await sleep(Math.random() * 2_000); // the checks of stalled jobs are periodic; rounds must not keep step with them
  }
  await Promise.all([doomed.stop(), heir.stop()]);
  redis.disconnect();
  await queue.close();
  return seconds;
}
