import { setMaxListeners } from 'node:events';
import type { DatasetPlan } from '@slipstream/contracts';
import { readPart } from './lay-out.js';
import { outcomeOf, type Outcome, type PictureMaker } from './outcome.js';
import { samplesOf } from './sample.js';
import { shardFiles } from './shard-files.js';
import type { ShardStats } from './shard-stats.js';
import type { ShardStore } from './shard-store.js';
import type { Slots } from './slots.js';
import { writeShard } from './write-shard.js';

export interface RunOptions {
  readonly plan: DatasetPlan;
  readonly store: ShardStore;
  readonly make: PictureMaker;
  /** Places of samples in the maker's hands; more than an engine has rows, so that none of them waits for work. */
  readonly slots: Pick<Slots, 'take' | 'give'>;
  readonly onSample?: () => void;
  readonly onShard?: (stats: ShardStats) => void | Promise<void>;
  readonly signal: AbortSignal;
}

/** Numbers of the shards that are not done, in order. */
export async function* missingShards(plan: DatasetPlan, store: Pick<ShardStore, 'head'>): AsyncGenerator<number> {
  for (let shard = 0; shard < plan.shards; shard += 1) if (!(await store.head(shardFiles(plan, shard).stats))) yield shard;
}

/**
 * Makes shards one after the other and keeps the maker busy over their borders: while one is finished and written, the next
 * is in the making. Two shards at most are in memory. The first failure, or the signal, stops everything; what was written
 * stays.
 */
export async function runShards(shards: AsyncIterable<number> | Iterable<number>, options: RunOptions): Promise<void> {
  const failed = new AbortController();
  const signal = AbortSignal.any([options.signal, failed.signal]);
  setMaxListeners(0, signal); // every sample in flight listens
  let writing: Promise<void> = Promise.resolve();
  try {
    for await (const shard of shards) {
      const outcomes = await begin(shard, { ...options, signal });
      await writing;
      writing = finish(shard, outcomes, { ...options, signal });
      writing.catch((error: unknown) => failed.abort(error));
    }
    await writing;
  } catch (error) {
    failed.abort(error);
    await writing.catch(() => undefined);
    throw error;
  }
}

/** Resolves when all samples of a shard are in the maker's hands. */
async function begin(shard: number, { plan, store, make, slots, signal, onSample }: RunOptions): Promise<Promise<Outcome>[]> {
  const begun: Promise<Outcome>[] = [];
  for (const sample of samplesOf(plan, shard, await readPart(plan, shard, store))) {
    await slots.take();
    if (signal.aborted) slots.give();
    signal.throwIfAborted();
    const outcome = outcomeOf(sample, make, signal).finally(() => {
      slots.give();
      onSample?.();
    });
    outcome.catch(() => undefined); // heard when the shard is finished
    begun.push(outcome);
  }
  return begun;
}

async function finish(shard: number, outcomes: readonly Promise<Outcome>[], { plan, store, signal, onShard }: RunOptions): Promise<void> {
  const stats = await writeShard({ plan, shard, store, signal }, await Promise.all(outcomes));
  await onShard?.(stats);
}
