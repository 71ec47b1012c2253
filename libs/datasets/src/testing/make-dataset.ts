import type { DatasetFilters, DatasetPlan } from '@slipstream/contracts';
import { finishDataset } from '../finish-dataset.js';
import { layOut } from '../lay-out.js';
import type { PictureMaker } from '../outcome.js';
import { planDataset } from '../plan-dataset.js';
import { promptRow, type PromptSource } from '../prompts/prompt-row.js';
import { missingShards, runShards } from '../run-shards.js';
import { Slots } from '../slots.js';
import type { SpillOptions } from '../spill.js';
import { verifyDataset } from '../verify-dataset.js';
import { MemoryStore } from './memory-store.js';

export const promptsFrom = (prompts: readonly unknown[]): PromptSource => ({
  description: 'a test',
  async *rows() {
    for (const [i, prompt] of prompts.entries()) yield promptRow(i + 1, { prompt });
  },
});

export const settings: DatasetPlan['settings'] = { strategy: 'shortcut', steps: 4, budget: 2, knobs: {}, guidance: 2, temperature: 1, outputFormat: 'png', outputCompression: 90, background: 'transparent' };

export interface DatasetOfTest {
  readonly prompts: readonly unknown[];
  readonly picturesPerPrompt?: number;
  readonly shardSize?: number;
  readonly filters?: DatasetFilters;
}

export async function planOfTest({ prompts, picturesPerPrompt = 1, shardSize = 4, filters = { exactDuplicates: false } }: DatasetOfTest): Promise<{ plan: DatasetPlan; source: PromptSource }> {
  const source = promptsFrom(prompts);
  const { plan } = await planDataset(source, { name: 'test', bundle: { name: 'fake', digest: 'd'.repeat(64) }, settings, seed: 0, picturesPerPrompt, shardSize, filters });
  return { plan, source };
}

/** A picture of 2 × 1 pixels that the prompt and the seed decide. */
export const makePicture: PictureMaker = async ({ prompt, seed }) => {
  const pixels = Uint8Array.from([prompt.length, seed % 251, 3, 255, seed % 13, 6, 7, 255]);
  return { pixels, width: 2, height: 1, file: Buffer.from(`picture of ${prompt} from ${seed}`), fullSteps: 2, shortcutSteps: 2, partialSteps: 0 };
};

/** Lays out, makes what is missing, finishes. */
export async function makeDataset(wanted: DatasetOfTest, { store = new MemoryStore(), make = makePicture, signal = new AbortController().signal, onShard, spill }: { store?: MemoryStore; make?: PictureMaker; signal?: AbortSignal; onShard?: () => void; spill?: SpillOptions } = {}) {
  const { plan, source } = await planOfTest(wanted);
  await layOut(plan, source, { store });
  await runShards(missingShards(plan, store), { plan, store, make, slots: new Slots(3), signal, ...(onShard && { onShard }), ...(spill && { spill }) });
  return { plan, store, summary: await finishDataset(plan, { store }) };
}

/** All that a data set's verification tells. */
export async function faultsOf(store: MemoryStore): Promise<string[]> {
  const faults: string[] = [];
  for await (const fault of verifyDataset(store)) faults.push(fault);
  return faults;
}
