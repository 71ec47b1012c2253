import { createHash } from 'node:crypto';
import type { DatasetPlan } from '@slipstream/contracts';
import type { PromptRow } from './prompts/prompt-row.js';

/** One picture to be made, or to be a row that says why it was not. */
export interface Sample {
  /** Twelve digits: its number among all samples. */
  readonly key: string;
  /** The prompt's row in its source, from 1. */
  readonly row: number;
  /** Which of its prompt's pictures, from 0. */
  readonly picture: number;
  readonly prompt: string;
  readonly seed: number;
  /** Why its row is no prompt. */
  readonly fault?: string;
}

type Sizes = Pick<DatasetPlan, 'picturesPerPrompt' | 'shards'> & { readonly prompts: Pick<DatasetPlan['prompts'], 'count'> };

/** All samples of a data set. */
export const sampleCount = ({ prompts, picturesPerPrompt }: Sizes): number => prompts.count * picturesPerPrompt;

/** The samples of one shard: those from `first` up to, and without, `end`. Shards differ by one sample at most. */
export function shardRange(plan: Sizes, shard: number): { first: number; end: number } {
  const samples = sampleCount(plan);
  const start = (at: number): number => Number((BigInt(samples) * BigInt(at)) / BigInt(plan.shards));
  return { first: start(shard), end: start(shard + 1) };
}

/** The prompts of one shard, by number: from `first` up to, and without, `end`. The outer two may be shared with its neighbours. */
export function promptRange(plan: Sizes, shard: number): { first: number; end: number } {
  const { first, end } = shardRange(plan, shard);
  return { first: Math.floor(first / plan.picturesPerPrompt), end: Math.ceil(end / plan.picturesPerPrompt) };
}

/** A shard's samples from its prompts, in the order of their keys. */
export function samplesOf(plan: DatasetPlan, shard: number, rows: readonly PromptRow[]): Sample[] {
  const { first, end } = shardRange(plan, shard);
  const { first: firstPrompt } = promptRange(plan, shard);
  return Array.from({ length: end - first }, (_, i) => {
    const [prompt, picture] = [Math.floor((first + i) / plan.picturesPerPrompt), (first + i) % plan.picturesPerPrompt];
    return sampleOf(plan, { number: first + i, picture, row: rows[prompt - firstPrompt]! });
  });
}

/** The key of a sample by its number. */
export const keyOf = (number: number): string => String(number).padStart(12, '0');

function sampleOf(plan: DatasetPlan, { number, picture, row }: { number: number; picture: number; row: PromptRow }): Sample {
  const key = keyOf(number);
  const { prompt = '', seed, fault } = row;
  return { key, row: row.row, picture, prompt, seed: seed === undefined ? seedOf(plan.seed, key) : seed + picture, ...(fault !== undefined && { fault }) };
}

/** 48 bits of a digest: the same for the same data set's seed and key, wherever and in whatever order it is made. */
export function seedOf(seed: number, key: string): number {
  return createHash('sha256').update(`${seed}:${key}`).digest().readUIntBE(0, 6);
}
