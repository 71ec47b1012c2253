import { Command } from 'commander';
import { SlipstreamError } from '@slipstream/contracts';
import { verifyDataset } from '@slipstream/datasets';
import type { CliContext } from '../../cli-context.js';
import { openDatasetFolder } from '../../dataset/dataset-folder.js';

/** `slipstream dataset verify`: reads every byte of a data set again; exit code 1 where something is wrong. */
export function verifyCommand(context: CliContext): Command {
  return new Command('verify')
    .description('read a data set again and hold every file, tar and table against its manifest')
    .argument('<folder>', 'the --out of its run')
    .action((folder: string) => verify(context, folder));
}

async function verify(context: CliContext, path: string): Promise<void> {
  const { folder, store, plan } = await openDatasetFolder(path);
  const progress = context.progress('verify', plan.shards);
  let faults = 0;
  try {
    for await (const fault of verifyDataset(store, { onShard: () => progress.advance(1), signal: context.signal })) {
      faults += 1;
      context.out(fault);
    }
  } finally {
    progress.end();
  }
  if (faults > 0) throw new SlipstreamError('dataset_invalid', `${folder} has ${faults} ${faults === 1 ? 'fault' : 'faults'}`, { remedy: 'delete the three files of a damaged shard and manifest.json, and run it again' });
  context.out(`${folder}: ${plan.shards} ${plan.shards === 1 ? 'shard' : 'shards'}, every file as the manifest has it`);
}
