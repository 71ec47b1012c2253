import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import type { FeaturePlace, StepMeasure } from '@slipstream/runtime';
import { Command, InvalidArgumentError } from 'commander';
import type { CliContext } from '../cli-context.js';
import { addEngineOptions, positiveCount, type EngineOptions } from '../engine-options.js';
import { describeMachine } from '../machine.js';
import { formatSteps } from '../profile/format-steps.js';
import { checkWritableFile, writeWhole } from '../write-whole.js';

interface StepsCommandOptions extends EngineOptions {
  readonly rows: readonly number[];
  readonly features?: readonly FeaturePlace[];
  readonly runs: number;
  readonly patience: number;
  readonly out?: string;
}

/** `slipstream steps`: what one run of a graph costs by its rows, and what it costs to move its features. */
export function stepsCommand(context: CliContext): Command {
  const command = new Command('steps')
    .description('time full and shortcut steps of many rows, with features that cross to this process and back or stay on the device')
    .option('--rows <counts>', 'rows of a run, ascending, with commas between', counts, [1, 2, 4, 8, 16, 32])
    .option('--features <places>', 'host, device or both, with a comma between (default: both with webgpu, host with others)', places)
    .option('--runs <count>', 'measured runs of each at most', positiveCount, 10)
    .option('--patience <seconds>', 'that one measurement may go on', positiveCount, 5)
    .option('--out <file>', 'write every run as JSON too')
    .action(async (options: StepsCommandOptions) => {
      const { rows, features, runs, patience, bundle, provider: executionProvider, threads = availableParallelism() } = options;
      if (options.out) await checkWritableFile(resolve(options.out));
      const measures: StepMeasure[] = [];
      const settings = { executionProvider, threads, rows, runs, patience, ...(features && { places: features }), signal: context.signal };
      await context.measureSteps(resolve(bundle), settings, (measure) => {
        measures.push(measure);
        context.note(`steps: ${measure.kind}, features on the ${measure.features}, ${measure.rows} rows: ${measure.failure ?? `${measure.seconds.length} runs`}`);
      });
      if (options.out) await writeWhole(resolve(options.out), `${JSON.stringify({ machine: describeMachine(), provider: executionProvider, threads, measures }, null, 2)}\n`);
      for (const line of formatSteps(measures)) context.out(line);
    });
  return addEngineOptions(command);
}

function counts(text: string): number[] {
  const rows = text.split(',').map(positiveCount);
  if (rows.some((count, i) => i > 0 && count <= rows[i - 1]!)) throw new InvalidArgumentError('They must ascend.');
  return rows;
}

function places(text: string): FeaturePlace[] {
  return text.split(',').map((place) => {
    if (place !== 'host' && place !== 'device') throw new InvalidArgumentError('They are host and device.');
    return place;
  });
}
