import { spread } from '@slipstream/quality';
import type { StepReport } from '@slipstream/runtime';
import type { Bench } from './bench.js';
import type { BatchFigure, BenchReport } from './bench-report.js';
import { repetitionsWithin, type Timing } from './timing.js';

/** The two settings in turn, `rows` pictures at a time, so that a slow minute of the machine hits both. */
async function inTurn(
  bench: Bench,
  rows: number,
  repetitions: number,
): Promise<{ vanilla: Timing[]; accelerated: Timing[] }> {
  const vanilla: Timing[] = [];
  const accelerated: Timing[] = [];
  for (let r = 0; r < repetitions; r += 1) {
    vanilla.push(await bench.time('vanilla', rows));
    accelerated.push(await bench.time('accelerated', rows));
  }
  return { vanilla, accelerated };
}

/** Costs of single steps and single pictures, from the same runs. */
export async function measureSinglePictures(
  bench: Bench,
  seconds: number,
): Promise<Pick<BenchReport, 'steps' | 'pictures'>> {
  const repetitions = repetitionsWithin(seconds, bench.pairSeconds, { least: 2, most: 60 });
  const { vanilla, accelerated } = await inTurn(bench, 1, repetitions);
  const reports = [...vanilla, ...accelerated].flatMap((timing) => timing.reports);
  return { steps: stepCosts(reports), pictures: pictureCosts(vanilla, accelerated) };
}

function stepCosts(reports: readonly StepReport[]): BenchReport['steps'] {
  const milliseconds = (kind: StepReport['kind']): number[] =>
    reports.filter((report) => report.kind === kind && report.shape.branches !== 1).map((report) => (report.seconds / report.rows) * 1000);
  const fullMs = spread(milliseconds('full'));
  const shortcut = (['shortcut', 'anchored', 'tail'] as const).flatMap(milliseconds);
  // A default strategy without such steps has none to time.
  const shortcutMs = shortcut.length === 0 ? fullMs : spread(shortcut);
  return {
    fullMs: fullMs.median,
    shortcutMs: shortcutMs.median,
    decodeMs: spread(milliseconds('decode')).median,
    ratio: fullMs.median / shortcutMs.median,
    spread: { fullMs, shortcutMs },
  };
}

function pictureCosts(vanilla: readonly Timing[], accelerated: readonly Timing[]): BenchReport['pictures'] {
  const vanillaSeconds = spread(vanilla.map((timing) => timing.seconds));
  const acceleratedSeconds = spread(accelerated.map((timing) => timing.seconds));
  const speedup = spread(vanilla.map((timing, r) => timing.seconds / (accelerated[r] as Timing).seconds));
  return {
    vanillaSeconds: vanillaSeconds.median,
    acceleratedSeconds: acceleratedSeconds.median,
    speedup: vanillaSeconds.median / acceleratedSeconds.median,
    spread: { vanillaSeconds, acceleratedSeconds, speedup },
  };
}

/** Seconds a picture for 1, 2, 4, 8 and 16 together; sizes whose single pass would not fit the time are left out. */
export async function measureBatches(bench: Bench, seconds: number): Promise<BatchFigure[]> {
  const sizes = affordableSizes(bench, seconds);
  const total = sizes.reduce((sum, rows) => sum + rows, 0);
  const repetitions = repetitionsWithin(seconds, total * bench.pairSeconds, { least: 1, most: 5 });
  const figures: BatchFigure[] = [];
  for (const rows of sizes) figures.push(batchFigure(rows, await inTurn(bench, rows, repetitions)));
  return figures;
}

function affordableSizes(bench: Bench, seconds: number): number[] {
  let total = 0;
  return [1, 2, 4, 8, 16].filter((rows) => {
    total += rows;
    return rows <= bench.capacity && (rows <= 2 || total * bench.pairSeconds <= seconds);
  });
}

function batchFigure(rows: number, timings: { vanilla: Timing[]; accelerated: Timing[] }): BatchFigure {
  const vanillaSeconds = spread(timings.vanilla.map((timing) => timing.seconds / rows));
  const acceleratedSeconds = spread(timings.accelerated.map((timing) => timing.seconds / rows));
  return {
    rows,
    vanillaSeconds: vanillaSeconds.median,
    acceleratedSeconds: acceleratedSeconds.median,
    speedup: vanillaSeconds.median / acceleratedSeconds.median,
    spread: { vanillaSeconds, acceleratedSeconds },
  };
}
