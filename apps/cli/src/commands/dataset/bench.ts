import { availableParallelism } from 'node:os';
import { spread } from '@slipstream/quality';
import { Command } from 'commander';
import type { CliContext } from '../../cli-context.js';
import { benchDataset } from '../../dataset/bench-dataset.js';
import { addDatasetOptions, planOf, promptsOf, type DatasetOptions } from '../../dataset/dataset-options.js';
import { positiveCount, withEngine } from '../../engine-options.js';
import { describeMachine } from '../../machine.js';

interface BenchOptions extends DatasetOptions {
  readonly rounds: number;
  readonly json?: boolean;
}

/** `slipstream dataset bench`: what encoding, packing and writing cost beside the bare engine. */
export function benchCommand(context: CliContext): Command {
  const command = new Command('bench')
    .description('the pictures of a data set by the bare engine and as a data set on disk, in turns, and the ratio of their rates')
    .option('--rounds <count>', 'of both', positiveCount, 5)
    .option('--json', 'print JSON')
    .action((options: BenchOptions) => bench(context, options));
  return addDatasetOptions(command);
}

async function bench(context: CliContext, options: BenchOptions): Promise<void> {
  const source = await promptsOf(options);
  await withEngine(context, options, async (engine) => {
    const { plan } = await planOf(options, { engine, source });
    const rounds = await benchDataset(context, { engine, plan, source, rounds: options.rounds });
    const machine = { ...describeMachine(), threads: options.threads ?? availableParallelism() };
    const ratio = spread(rounds.map((round) => round.ratio));
    if (options.json) return context.out(JSON.stringify({ machine, plan, rounds, ratio }, null, 2));
    for (const { bare, dataset, ratio: ofRound } of rounds) context.out(`bare ${bare.picturesPerSecond.toFixed(2)}/s (beside the engine ${bare.busyMs.toFixed(2)} ms a picture), data set ${dataset.picturesPerSecond.toFixed(2)}/s (${dataset.busyMs.toFixed(2)} ms), ratio ${ofRound.toFixed(3)}`);
    context.out(`median ratio ${ratio.median.toFixed(3)} (IQR ${ratio.iqr.toFixed(3)}) of ${rounds.length} rounds, ${machine.threads} engine threads on ${machine.cores} cores`);
  });
}
