import { resolve } from 'node:path';
import { Command } from 'commander';
import { layOut } from '@slipstream/datasets';
import { FolderObjectStore } from '@slipstream/storage';
import type { CliContext } from '../../cli-context.js';
import { addDatasetOptions, planOf, promptsOf, type DatasetOptions } from '../../dataset/dataset-options.js';
import { makeDataset } from '../../dataset/make-dataset.js';
import { readNotes } from '../../dataset/run-notes.js';
import { summaryLines } from '../../dataset/summary.js';
import { withEngine } from '../../engine-options.js';
import { makeWritableFolder } from '../../write-whole.js';

interface RunOptions extends DatasetOptions {
  readonly out: string;
}

/** `slipstream dataset run`: plans and makes a data set in a folder, or goes on with the same one. */
export function runCommand(context: CliContext): Command {
  const command = new Command('run')
    .description('make a data set in a folder; the same command again goes on where it was stopped')
    .requiredOption('--out <folder>', 'where to write it')
    .action((options: RunOptions) => run(context, options));
  return addDatasetOptions(command);
}

async function run(context: CliContext, options: RunOptions): Promise<void> {
  const folder = resolve(options.out);
  const source = await promptsOf(options);
  await withEngine(context, options, async (engine) => {
    const { plan, faults } = await planOf(options, { engine, source });
    for (const fault of faults) context.note(`no prompt: ${fault}`);
    await makeWritableFolder(folder);
    const store = new FolderObjectStore({ directory: folder });
    await layOut(plan, source, { store, signal: context.signal });
    const summary = await makeDataset(context, { engine, plan, store, folder });
    for (const line of summaryLines(folder, summary, await readNotes(store))) context.out(line);
  });
}
