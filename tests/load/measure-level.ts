import { percentile } from '../bench/probe-livez.js';
import { openLoop } from './open-loop.js';
import type { LoadOptions } from './options.js';
import { poisson } from './poisson.js';
import type { Service } from './service.js';

/** What came of arrivals at one share of the capacity. */
export interface LevelReport {
  /** Percent of capacity. */
  readonly level: number;
  readonly arrivalsPerSecond: number;
  /** Pictures that came while arrivals did, per second. */
  readonly goodputPerSecond: number;
  readonly goodputOfCapacity: number;
  readonly completed: number;
  readonly refused: number;
  readonly failed: number;
  /** Of completed ones, from their intended arrival. */
  readonly latencySeconds: { readonly p50: number; readonly p90: number; readonly p99: number; readonly max: number };
  /** Resident megabytes a third into the level, and at its end. */
  readonly memory: { readonly gateway: readonly [number, number]; readonly worker: readonly [number, number] };
}

/** At most so many requests a level, whatever the capacity. */
const mostRequests = 50_000;

export async function measureLevel(service: Service, level: number, { capacityPerSecond, options }: { capacityPerSecond: number; options: LoadOptions }): Promise<LevelReport> {
  const { seconds, seed } = options;
  const arrivals = poisson({ perSecond: (capacityPerSecond * level) / 100, seconds, seed: seed * 1_000 + level }).slice(0, mostRequests);
  const early = new Promise((resolve) => setTimeout(resolve, (seconds * 1000) / 3)).then(() => service.memory());
  const answers = await openLoop(arrivals, (index) => service.generate(level * 1_000_000 + index));
  const [before, after] = [await early, await service.memory()];
  const count = (ending: string): number => answers.filter((answer) => answer.ending === ending).length;
  const latencies = answers.filter(({ ending }) => ending === 'completed').map(({ latencySeconds }) => latencySeconds);
  const goodputPerSecond = answers.filter(({ ending, endedAt }) => ending === 'completed' && endedAt <= seconds).length / seconds;
  return {
    level, arrivalsPerSecond: arrivals.length / seconds, goodputPerSecond, goodputOfCapacity: goodputPerSecond / capacityPerSecond,
    completed: count('completed'), refused: count('refused'), failed: count('failed'),
    latencySeconds: { p50: percentile(latencies, 0.5), p90: percentile(latencies, 0.9), p99: percentile(latencies, 0.99), max: Math.max(...latencies) },
    memory: { gateway: [before.gateway, after.gateway], worker: [before.worker, after.worker] },
  };
}
