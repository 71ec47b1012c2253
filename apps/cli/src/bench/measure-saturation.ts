import { spread } from '@slipstream/quality';
import type { Bench } from './bench.js';
import type { BenchReport } from './bench-report.js';
import { repetitionsWithin, type Timing } from './timing.js';

/** The engine with more accelerated pictures than rows: what it loses outside the graphs and to scheduling. */
export async function measureSaturation(
  bench: Bench,
  seconds: number,
  steps: BenchReport['steps'],
): Promise<BenchReport['engine']> {
  const pictures = 3 * bench.capacity;
  const expectedSeconds = pictures * bench.acceleratedSeconds;
  const repetitions = repetitionsWithin(seconds, expectedSeconds, { least: 1, most: 5 });
  const timings: Timing[] = [];
  for (let r = 0; r < repetitions; r += 1) timings.push(await bench.time('accelerated', pictures));
  const outsideOnnxShare = spread(timings.map(outsideShare));
  const efficiency = spread(timings.map((timing) => predictedSeconds(timing, steps) / timing.seconds));
  const picturesPerSecond = spread(timings.map((timing) => timing.results.length / timing.seconds));
  return {
    outsideOnnxShare: outsideOnnxShare.median,
    efficiency: efficiency.median,
    picturesPerSecond: picturesPerSecond.median,
    spread: { outsideOnnxShare, efficiency, picturesPerSecond },
  };
}

function outsideShare({ reports, seconds }: Timing): number {
  return 1 - reports.reduce((sum, report) => sum + report.seconds, 0) / seconds;
}

function predictedSeconds({ results }: Timing, { fullMs, shortcutMs, decodeMs }: BenchReport['steps']): number {
  const milliseconds = results.reduce(
    (sum, { fullSteps, shortcutSteps }) => sum + fullSteps * fullMs + shortcutSteps * shortcutMs + decodeMs,
    0,
  );
  return milliseconds / 1000;
}
