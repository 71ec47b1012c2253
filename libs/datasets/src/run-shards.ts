import { setMaxListeners } from 'node:events';
import type { DatasetPlan } from '@slipstream/contracts';
import { readPart } from './lay-out.js';
import { outcomeOf, type Outcome, type PictureMaker } from './outcome.js';
import { samplesOf } from './sample.js';
import { shardFiles } from './shard-files.js';
import type { ShardStats } from './shard-stats.js';
import type { ShardStore } from './shard-store.js';
import type { Slots } from './slots.js';
import { Spill, type SpillOptions } from './spill.js';
import { writeShard } from './write-shard.js';

export interface RunOptions {
  readonly plan: DatasetPlan;
  readonly store: ShardStore;
  readonly make: PictureMaker;
  /** Places of samples in the maker's hands; more than an engine has rows, so that none of them waits for work. */
  readonly slots: Pick<Slots, 'take' | 'give'>;
  /** Where pictures of a shard wait that are more than may be in memory. */
  readonly spill?: SpillOptions;
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
 * is in the making. In memory is of two shards at most what is known of each sample, and as much of their pictures as a
 * Spill keeps there. The first failure, or the signal, stops everything; what was written stays.
 */
export async function runShards(shards: AsyncIterable<number> | Iterable<number>, options: RunOptions): Promise<void> {
  const failed = new AbortController();
  const signal = AbortSignal.any([options.signal, failed.signal]);
  setMaxListeners(0, signal); // every sample in flight listens
  let writing: Promise<void> = Promise.resolve();
  try {
    for await (const shard of shards) {
      const begun = await begin(shard, { ...options, signal });
      await writing.catch(async (error: unknown) => {
        await close(begun);
        throw error;
      });
      writing = finish(shard, begun, { ...options, signal });
      writing.catch((error: unknown) => failed.abort(error));
    }
    await writing;
  } catch (error) {
    failed.abort(error);
    await writing.catch(() => undefined);
    throw error;
  }
}

/** A shard all of whose samples are in the maker's hands, or were. */
interface BegunShard {
  readonly outcomes: readonly Promise<Outcome>[];
  readonly spill: Spill;
}

async function begin(shard: number, { plan, store, make, slots, signal, onSample, spill: spillOptions }: RunOptions): Promise<BegunShard> {
  const [outcomes, spill]: [Promise<Outcome>[], Spill] = [[], new Spill(spillOptions)];
  try {
    for (const sample of samplesOf(plan, shard, await readPart(plan, shard, store))) {
      await slots.take();
      if (signal.aborted) slots.give();
      signal.throwIfAborted();
      const outcome = outcomeOf(sample, { make, spill, signal }).finally(() => {
        slots.give();
        onSample?.();
      });
      outcome.catch(() => undefined); // heard when the shard is finished
      outcomes.push(outcome);
    }
  } catch (error) {
    await close({ outcomes, spill });
    throw error;
  }
  return { outcomes, spill };
}

async function finish(shard: number, begun: BegunShard, { plan, store, signal, onShard }: RunOptions): Promise<void> {
  const { outcomes, spill } = begun;
  try {
    const stats = await writeShard({ plan, shard, store, signal, inMemory: () => !spill.spilled }, await Promise.all(outcomes));
    await onShard?.(stats);
  } finally {
    await close(begun);
  }
}

/** Nobody writes to a spill that is closed. */
async function close({ outcomes, spill }: BegunShard): Promise<void> {
  await Promise.allSettled(outcomes);
  await spill.close();
}
