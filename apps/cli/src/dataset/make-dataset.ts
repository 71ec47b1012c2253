import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { DatasetPlan } from '@slipstream/contracts';
import { finishDataset, missingShards, pictureMaker, readSummary, runShards, sampleCount, shardRange, Slots, type DatasetSummary, type ShardStore } from '@slipstream/datasets';
import { encodePicture } from '@slipstream/pictures';
import type { Engine } from '@slipstream/runtime';
import type { CliContext } from '../cli-context.js';
import { readNotes, writeNotes, type RunNotes } from './run-notes.js';

export interface MakeDatasetParts {
  readonly engine: Engine;
  readonly plan: DatasetPlan;
  readonly store: ShardStore;
  readonly folder: string;
}

/** Batches of rows that lie ready in the engine, so that it never waits for a shard to be written. */
export const batchesAhead = 3;

/** Makes what is missing and finishes. What earlier runs have written stays as it is. */
export async function makeDataset(context: CliContext, { engine, plan, store, folder }: MakeDatasetParts): Promise<DatasetSummary> {
  const { signal } = context;
  const finished = await readSummary(store);
  const missing: number[] = [];
  if (!finished) for await (const shard of missingShards(plan, store)) missing.push(shard);
  const todo = missing.reduce((sum, shard) => sum + samplesIn(plan, shard), 0);
  const progress = context.progress(`dataset ${plan.name}`, sampleCount(plan));
  progress.advance(sampleCount(plan) - todo);
  const notes = notesOf(await readNotes(store), engine.manifest.features?.branches ?? 2);
  try {
    const make = pictureMaker(plan, { engine, encode: encodePicture, onMade: notes.hear });
    const onShard = async (): Promise<void> => writeNotes(store, notes.now());
    await runShards(missing, { plan, store, make, slots: new Slots(batchesAhead * engine.capacity), onSample: () => progress.advance(1), onShard, spill: { directory: join(folder, '.incoming') }, signal });
    return await finishDataset(plan, { store, signal });
  } finally {
    progress.end();
    await rm(join(folder, '.incoming'), { recursive: true, force: true });
  }
}

function samplesIn(plan: DatasetPlan, shard: number): number {
  const { first, end } = shardRange(plan, shard);
  return end - first;
}

function notesOf(before: RunNotes, branches: number): { hear(made: { fullSteps: number; remembered: number }): void; now(): RunNotes } {
  const startedMs = performance.now();
  let { pictures, fullSteps, fullStepsSaved } = before;
  return {
    hear(made) {
      pictures += 1;
      fullSteps += made.fullSteps;
      fullStepsSaved += made.remembered / branches;
    },
    now: () => ({ pictures, fullSteps, fullStepsSaved, seconds: before.seconds + (performance.now() - startedMs) / 1000 }),
  };
}
