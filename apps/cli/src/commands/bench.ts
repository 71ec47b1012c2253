import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { Command } from 'commander';
import type { Engine } from '@slipstream/runtime';
import { warmUp } from '../bench/bench.js';
import type { BenchReport } from '../bench/bench-report.js';
import { formatBench } from '../bench/format-bench.js';
import { measureBatches, measureSinglePictures } from '../bench/measure-pictures.js';
import { measureSaturation } from '../bench/measure-saturation.js';
import type { CliContext } from '../cli-context.js';
import { readReference } from '../eval/reference.js';
import { addEngineOptions, positiveCount, withEngine, type EngineOptions } from '../engine-options.js';
import { describeMachine } from '../machine.js';
import { samplingOf } from '@slipstream/contracts';
import { resolveSettings } from '../sampling-options.js';

interface BenchCommandOptions extends EngineOptions {
  readonly capacity: number;
  readonly quick?: boolean;
  readonly json?: boolean;
}

/** `slipstream bench`: what steps, pictures and the engine cost here. */
export function benchCommand(context: CliContext): Command {
  const command = new Command('bench')
    .description('measure steps, pictures and the engine on this machine, in about two minutes')
    .option('--capacity <rows>', 'pictures in the making at once', positiveCount, 16)
    .option('--quick', 'a quarter of the time, fewer repetitions')
    .option('--json', 'print JSON')
    .action(async (options: BenchCommandOptions) => {
      const report = await withEngine(context, options, (engine) => bench(context, engine, options));
      for (const line of options.json ? [JSON.stringify(report, null, 2)] : formatBench(report)) context.out(line);
    });
  return addEngineOptions(command);
}

async function bench(context: CliContext, engine: Engine, options: BenchCommandOptions): Promise<BenchReport> {
  const { quick = false } = options;
  const { names } = (await readReference(resolve(options.bundle), engine.manifest)).prompts;
  const seconds = quick ? 20 : 80;
  const settings = {
    vanilla: samplingOf(resolveSettings(engine, { prompt: names[0]!, quality: 'high' })),
    accelerated: samplingOf(resolveSettings(engine, { prompt: names[0]! })),
  };
  const progress = context.progress('bench', seconds);
  try {
    const measured = await warmUp(engine, { prompts: names, settings, progress, signal: context.signal });
    const { steps, pictures } = await measureSinglePictures(measured, seconds * 0.3);
    const batches = await measureBatches(measured, seconds * 0.45);
    const saturated = await measureSaturation(measured, seconds * 0.25, steps);
    const threads = options.threads ?? availableParallelism();
    return {
      machine: { ...describeMachine(), provider: options.provider, threads },
      bundle: { name: engine.manifest.name, digest: engine.digest },
      configuration: { ...settings, capacity: engine.capacity, quick },
      steps,
      pictures,
      engine: saturated,
      batches,
    };
  } finally {
    progress.end();
  }
}
