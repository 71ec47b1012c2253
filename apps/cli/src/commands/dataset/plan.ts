import { Command } from 'commander';
import { sampleCount } from '@slipstream/datasets';
import type { CliContext } from '../../cli-context.js';
import { addDatasetOptions, planOf, promptsOf, type DatasetOptions } from '../../dataset/dataset-options.js';
import { estimate } from '../../dataset/estimate.js';
import { bytesText, durationText } from '../../dataset/summary.js';
import { withEngine } from '../../engine-options.js';

/** `slipstream dataset plan`: what a data set will be and take; nothing is written. */
export function planCommand(context: CliContext): Command {
  const command = new Command('plan')
    .description('shards, pictures, bytes, device-seconds and time of a data set, by the measured cost of its first pictures; writes nothing')
    .option('--json', 'print JSON')
    .action((options: DatasetOptions & { json?: boolean }) => plan(context, options));
  return addDatasetOptions(command);
}

async function plan(context: CliContext, options: DatasetOptions & { json?: boolean }): Promise<void> {
  const source = await promptsOf(options);
  await withEngine(context, options, async (engine) => {
    const { plan, faults } = await planOf(options, { engine, source });
    const costs = await estimate(plan, { engine, source, signal: context.signal });
    if (options.json) return context.out(JSON.stringify({ plan, faults, estimate: costs }, null, 2));
    const pictures = sampleCount(plan);
    for (const fault of faults) context.note(`no prompt: ${fault}`);
    context.out(`${plan.name}: ${pictures} pictures of ${plan.prompts.count} prompts${plan.prompts.faulty > 0 ? ` (rows that are none and will fail: ${plan.prompts.faulty})` : ''}`);
    context.out(`${plan.shards} shards of ${Math.floor(pictures / plan.shards)}${pictures % plan.shards === 0 ? '' : ` or ${Math.ceil(pictures / plan.shards)}`} samples, about ${bytesText(costs.bytes)}`);
    context.out(`about ${durationText(costs.seconds)} on this machine, ${durationText(costs.deviceSeconds)} of them in the graphs, by the cost of ${costs.measured} pictures:`);
    context.out(Object.entries(costs.rowSeconds).map(([kind, seconds]) => `${kind} ${(seconds * 1000).toFixed(2)} ms a row`).join(', '));
  });
}
