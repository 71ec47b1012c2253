import { createHash } from 'node:crypto';
import { datasetName, SlipstreamError, type DatasetPlan } from '@slipstream/contracts';
import type { PromptRow, PromptSource } from './prompts/prompt-row.js';

export interface DatasetChoices extends Pick<DatasetPlan, 'name' | 'bundle' | 'settings' | 'picturesPerPrompt' | 'seed' | 'filters'> {
  /** Most samples of a shard. */
  readonly shardSize: number;
}

/** A plan, and the first faults of its source, at most twenty, for the person who asked. */
export interface Planned {
  readonly plan: DatasetPlan;
  readonly faults: readonly string[];
}

/**
 * Reads a source once, from end to end, and says what the data set will be. Rows that are no prompts are part of it.
 * Throws `invalid_request` for a name that is none, for no prompts, and where no row is one.
 */
export async function planDataset(source: PromptSource, choices: DatasetChoices): Promise<Planned> {
  const { shardSize, picturesPerPrompt, ...fixed } = choices;
  checkName(choices.name);
  const { count, faulty, sha256, faults } = await survey(source);
  if (count === 0) throw new SlipstreamError('invalid_request', `there are no prompts in ${source.description}`, { param: 'prompts', remedy: 'give at least one' });
  if (count === faulty) throw new SlipstreamError('invalid_request', `none of the ${count} rows of ${source.description} is a prompt; the first: ${faults[0]}`, { param: 'prompts' });
  const shards = Math.ceil((count * picturesPerPrompt) / shardSize);
  if (shards > 1_000_000) throw new SlipstreamError('invalid_request', `${shards} shards are more than the million that six digits number`, { param: 'shard_size', remedy: 'make shards larger' });
  return { plan: { format: 'slipstream-dataset', version: 1, ...fixed, prompts: { source: source.description, count, faulty, sha256 }, picturesPerPrompt, shards }, faults };
}

function checkName(name: string): void {
  const { error } = datasetName.safeParse(name);
  if (error) throw new SlipstreamError('invalid_request', `name ${error.issues[0]!.message}, got ${JSON.stringify(name.slice(0, 80))}`, { param: 'name' });
}

async function survey(source: PromptSource): Promise<{ count: number; faulty: number; sha256: string; faults: string[] }> {
  const digest = createHash('sha256');
  const faults: string[] = [];
  let [count, faulty] = [0, 0];
  for await (const row of source.rows()) {
    count += 1;
    digest.update(rowLine(row));
    if (row.fault === undefined) continue;
    faulty += 1;
    if (faults.length < 20) faults.push(row.fault);
  }
  return { count, faulty, sha256: digest.digest('hex'), faults };
}

/** A row as it is kept in a part. */
export const rowLine = (row: PromptRow): string => `${JSON.stringify(row)}\n`;
