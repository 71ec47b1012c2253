import { z } from 'zod';
import { datasetFiles, type ShardStore } from '@slipstream/datasets';

/** What making a data set has cost so far. It is of the runs, not of the data set: no other file depends on it. */
const runNotes = z.object({
  /** Of the shards written so far. */
  pictures: z.int().nonnegative(),
  fullSteps: z.int().nonnegative(),
  /** Full steps that were not computed, because another picture of the prompt had made the same one. Two branches make one. */
  fullStepsSaved: z.number().nonnegative(),
  /** All runs together. */
  seconds: z.number().nonnegative(),
});
export type RunNotes = z.infer<typeof runNotes>;

/** The notes of earlier runs; zeros where there are none that can be read. */
export async function readNotes(store: Pick<ShardStore, 'get'>): Promise<RunNotes> {
  const none = { pictures: 0, fullSteps: 0, fullStepsSaved: 0, seconds: 0 };
  const found = await store.get(datasetFiles.status);
  if (!found) return none;
  try {
    return runNotes.parse(JSON.parse(Buffer.from(found.bytes).toString('utf8')));
  } catch {
    return none;
  }
}

export async function writeNotes(store: Pick<ShardStore, 'put'>, notes: RunNotes): Promise<void> {
  await store.put(datasetFiles.status, Buffer.from(`${JSON.stringify(notes, null, 2)}\n`), { contentType: 'application/json' });
}
