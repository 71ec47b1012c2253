import { availableParallelism } from 'node:os';
import { Command } from 'commander';
import type { CliContext } from '../../cli-context.js';
import { benchDataset, type Round } from '../../dataset/bench-dataset.js';
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
    if (options.json) return context.out(JSON.stringify({ machine, plan, rounds, ratio: medianOf(rounds, ({ ratio }) => ratio) }, null, 2));
    for (const { bare, dataset, ratio } of rounds) context.out(`bare ${bare.picturesPerSecond.toFixed(2)}/s (beside the engine ${bare.busyMs.toFixed(2)} ms a picture), data set ${dataset.picturesPerSecond.toFixed(2)}/s (${dataset.busyMs.toFixed(2)} ms), ratio ${ratio.toFixed(3)}`);
    context.out(`median ratio ${medianOf(rounds, ({ ratio }) => ratio).toFixed(3)} of ${rounds.length} rounds, ${machine.threads} engine threads on ${machine.cores} cores`);
  });
}

function medianOf(rounds: readonly Round[], value: (round: Round) => number): number {
  const sorted = rounds.map(value).sort((a, b) => a - b);
  return (sorted[Math.floor((sorted.length - 1) / 2)]! + sorted[Math.ceil((sorted.length - 1) / 2)]!) / 2;
}
