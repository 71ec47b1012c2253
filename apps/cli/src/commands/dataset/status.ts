import { Command } from 'commander';
import { missingShards, readSummary, sampleCount, shardRange } from '@slipstream/datasets';
import type { CliContext } from '../../cli-context.js';
import { openDatasetFolder } from '../../dataset/dataset-folder.js';
import { readNotes } from '../../dataset/run-notes.js';
import { savedLine } from '../../dataset/summary.js';

/** `slipstream dataset status`: how far a data set is, from its files alone; another process may be making it. */
export function statusCommand(context: CliContext): Command {
  return new Command('status')
    .description('how far a data set is')
    .argument('<folder>', 'the --out of its run')
    .option('--json', 'print JSON')
    .action((folder: string, options: { json?: boolean }) => status(context, folder, options));
}

async function status(context: CliContext, path: string, { json }: { json?: boolean }): Promise<void> {
  const { store, plan } = await openDatasetFolder(path);
  const finished = (await readSummary(store)) !== undefined;
  let [shards, samples] = [plan.shards, sampleCount(plan)];
  for await (const shard of missingShards(plan, store)) {
    const { first, end } = shardRange(plan, shard);
    [shards, samples] = [shards - 1, samples - (end - first)];
  }
  const notes = await readNotes(store);
  const answer = { name: plan.name, status: finished ? 'completed' : 'unfinished', shards: { total: plan.shards, done: shards }, samples: { total: sampleCount(plan), done: samples }, pictures_made: notes.pictures, full_steps: notes.fullSteps, full_steps_saved: notes.fullStepsSaved, seconds: notes.seconds };
  if (json) return context.out(JSON.stringify(answer, null, 2));
  context.out(`${plan.name}: ${answer.status}, ${shards} of ${plan.shards} shards, ${samples} of ${sampleCount(plan)} samples, ${notes.seconds.toFixed(0)} s so far`);
  context.out(savedLine(notes));
}
