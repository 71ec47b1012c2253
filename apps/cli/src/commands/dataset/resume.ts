import { Command } from 'commander';
import { SlipstreamError, type DatasetPlan } from '@slipstream/contracts';
import type { Engine } from '@slipstream/runtime';
import type { CliContext } from '../../cli-context.js';
import { openDatasetFolder } from '../../dataset/dataset-folder.js';
import { makeDataset } from '../../dataset/make-dataset.js';
import { readNotes } from '../../dataset/run-notes.js';
import { summaryLines } from '../../dataset/summary.js';
import { addEngineOptions, positiveCount, withEngine, type EngineOptions } from '../../engine-options.js';

interface ResumeOptions extends EngineOptions {
  readonly capacity: number;
  readonly scorer?: string;
}

/** `slipstream dataset resume`: goes on with what a run has left, without its options. */
export function resumeCommand(context: CliContext): Command {
  const command = new Command('resume')
    .description('go on with a data set; it ends with the same bytes as if nothing had stopped it')
    .argument('<folder>', 'the --out of its run')
    .option('--capacity <rows>', 'pictures in the making at once', positiveCount, 16)
    .option('--scorer <folder>', 'the scorer, where it has a least score')
    .action((folder: string, options: ResumeOptions) => resume(context, folder, options));
  return addEngineOptions(command);
}

async function resume(context: CliContext, path: string, options: ResumeOptions): Promise<void> {
  const { folder, store, plan } = await openDatasetFolder(path);
  await withEngine(context, options, async (engine) => {
    requireSame(plan, engine);
    const summary = await makeDataset(context, { engine, plan, store, folder });
    for (const line of summaryLines(folder, summary, await readNotes(store))) context.out(line);
  });
}

function requireSame({ bundle, filters: { minScore } }: DatasetPlan, { digest, scorers }: Engine): void {
  if (bundle.digest !== digest) throw new SlipstreamError('invalid_request', `the data set was begun with another bundle, ${bundle.name} ${bundle.digest.slice(0, 12)}`, { param: '--bundle', remedy: 'name the folder of that bundle' });
  if (minScore && !scorers.some(({ name }) => name === minScore.scorer)) throw new SlipstreamError('invalid_request', `the data set has a least score by ${minScore.scorer}`, { param: '--scorer', remedy: 'name the folder of that scorer' });
}
