import { createHash } from 'node:crypto';
import { datasetPlan, SlipstreamError, type DatasetPlan } from '@slipstream/contracts';
import { rowLine } from './plan-dataset.js';
import type { PromptRow, PromptSource } from './prompts/prompt-row.js';
import { promptRange } from './sample.js';
import { datasetFiles, shardFiles } from './shard-files.js';
import { mediaTypes, type ShardStore } from './shard-store.js';

/**
 * Fixes a data set: each shard's prompts as a part of its own, then the plan. From here on the source is not needed, and
 * shards can be made in any order, anywhere. The same plan again changes nothing and says `present`.
 * Throws `dataset_differs` where another data set lies, or where the source has changed since it was planned.
 */
export async function layOut(plan: DatasetPlan, source: PromptSource, { store, signal }: { store: ShardStore; signal?: AbortSignal }): Promise<'laid out' | 'present'> {
  const known = await readPlan(store);
  if (known) return sameAs(plan, known);
  await writeParts(plan, source, { store, signal });
  await store.put(datasetFiles.plan, json(plan), { contentType: mediaTypes.json, ifAbsent: true, signal });
  await sameAs(plan, (await readPlan(store))!);
  return 'laid out';
}

/** Takes back what was laid out, where no shard was made of it. */
export async function clear(plan: DatasetPlan, { store }: { store: Pick<ShardStore, 'delete'> }): Promise<void> {
  for (let shard = 0; shard < plan.shards; shard += 1) await store.delete(shardFiles(plan, shard).part);
  await store.delete(datasetFiles.plan);
}

/** The plan of what lies there; undefined where nothing does. Throws `dataset_invalid` for a plan that cannot be read. */
export async function readPlan(store: Pick<ShardStore, 'get'>): Promise<DatasetPlan | undefined> {
  const found = await store.get(datasetFiles.plan);
  if (!found) return undefined;
  try {
    return datasetPlan.parse(JSON.parse(Buffer.from(found.bytes).toString('utf8')));
  } catch (cause) {
    throw new SlipstreamError('dataset_invalid', `${datasetFiles.plan} is not the plan of a data set of this version`, { param: datasetFiles.plan, remedy: 'restore it, or begin anew in another place', cause });
  }
}

/** A shard's prompts. Throws `dataset_invalid` when its part is gone. */
export async function readPart(plan: DatasetPlan, shard: number, store: Pick<ShardStore, 'get'>): Promise<PromptRow[]> {
  const { part } = shardFiles(plan, shard);
  const found = await store.get(part);
  if (!found) throw new SlipstreamError('dataset_invalid', `${part}, the prompts of a shard that is to be made, is not there`, { param: part, remedy: 'restore it, or begin anew in another place' });
  return Buffer.from(found.bytes).toString('utf8').trimEnd().split('\n').map((line) => JSON.parse(line) as PromptRow);
}

async function writeParts(plan: DatasetPlan, source: PromptSource, { store, signal }: { store: ShardStore; signal?: AbortSignal | undefined }): Promise<void> {
  const digest = createHash('sha256');
  let [shard, count] = [0, 0];
  let held: string[] = []; // the last `held.length` of `count` rows
  for await (const row of source.rows()) {
    signal?.throwIfAborted();
    const line = rowLine(row);
    digest.update(line);
    held.push(line);
    count += 1;
    for (; shard < plan.shards && promptRange(plan, shard).end <= count; shard += 1) {
      await store.put(shardFiles(plan, shard).part, Buffer.from(held.slice(held.length - count + promptRange(plan, shard).first).join('')), { contentType: mediaTypes.jsonl, signal });
      held = held.slice(held.length - count + promptRange(plan, shard + 1).first);
    }
  }
  if (count !== plan.prompts.count || digest.digest('hex') !== plan.prompts.sha256) throw new SlipstreamError('dataset_differs', `the prompts in ${plan.prompts.source} changed while they were read`, { param: 'prompts', remedy: 'begin again' });
}

function sameAs(plan: DatasetPlan, known: DatasetPlan): 'present' {
  if (json(plan).equals(json(known))) return 'present';
  const other = (Object.keys(plan) as (keyof DatasetPlan)[]).filter((key) => JSON.stringify(plan[key]) !== JSON.stringify(known[key]));
  throw new SlipstreamError('dataset_differs', `another data set lies there: its ${other.join(', ')} ${other.length > 1 ? 'are' : 'is'} different`, { param: 'out', remedy: 'name another place, or ask for the same' });
}

/** Members in the order of the schema, whatever the order in which the plan was made. */
const json = (plan: DatasetPlan): Buffer => Buffer.from(`${JSON.stringify(datasetPlan.parse(plan), null, 2)}\n`);
