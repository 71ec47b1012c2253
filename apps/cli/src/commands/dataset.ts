import { Command } from 'commander';
import type { CliContext } from '../cli-context.js';
import { benchCommand } from './dataset/bench.js';
import { planCommand } from './dataset/plan.js';
import { resumeCommand } from './dataset/resume.js';
import { runCommand } from './dataset/run.js';
import { statusCommand } from './dataset/status.js';
import { verifyCommand } from './dataset/verify.js';

/** `slipstream dataset`: prompts in, shards of pictures out. */
export function datasetCommand(context: CliContext): Command {
  const command = new Command('dataset').description('data sets of pictures: WebDataset tars with Parquet tables, resumable, the same bytes each time');
  for (const each of [planCommand, runCommand, statusCommand, resumeCommand, verifyCommand, benchCommand]) command.addCommand(each(context));
  return command;
}
