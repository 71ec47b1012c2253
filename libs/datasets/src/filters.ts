import type { DatasetFilters } from '@slipstream/contracts';
import { hashDistance, hashWords } from './difference-hash.js';
import type { MadeFile, Outcome } from './outcome.js';

/** Why a sample is not in its tar. `failed`: it was never made. `duplicateOf`: the key of the sample kept instead. */
export interface Refusal {
  readonly status: 'failed' | 'dropped';
  readonly reason: string;
  readonly message: string;
  readonly duplicateOf?: string;
}

/**
 * What of a shard is left out, in the order of its samples; undefined for what is kept. A shard is judged as a whole and by
 * itself, in the order of its keys, so it does not matter who made its pictures and when. The score is asked first, and
 * what is dropped makes nothing else a duplicate.
 */
export function refusals(outcomes: readonly Outcome[], filters: DatasetFilters): (Refusal | undefined)[] {
  const kept: { key: string; pixels: string; hash: [number, number] }[] = [];
  const byPixels = new Map<string, string>();
  return outcomes.map((outcome) => {
    if ('failed' in outcome) return { status: 'failed' as const, ...outcome.failed };
    const { made, sample: { key } } = outcome;
    const refusal = tooLow(made, filters) ?? exact(made, filters, byPixels) ?? near(made, filters, kept);
    if (refusal) return refusal;
    byPixels.set(made.pixelsSha256, key);
    kept.push({ key, pixels: made.pixelsSha256, hash: hashWords(made.differenceHash) });
    return undefined;
  });
}

function tooLow({ score }: MadeFile, { minScore }: DatasetFilters): Refusal | undefined {
  if (!minScore || score === undefined || score >= minScore.value) return undefined;
  return { status: 'dropped', reason: 'low_score', message: `${minScore.scorer} gives ${score.toFixed(2)}, less than ${minScore.value}` };
}

function exact({ pixelsSha256 }: MadeFile, { exactDuplicates }: DatasetFilters, byPixels: ReadonlyMap<string, string>): Refusal | undefined {
  const duplicateOf = exactDuplicates ? byPixels.get(pixelsSha256) : undefined;
  return duplicateOf === undefined ? undefined : { status: 'dropped', reason: 'exact_duplicate', message: `the pixels of ${duplicateOf}`, duplicateOf };
}

function near({ differenceHash }: MadeFile, { nearDuplicates }: DatasetFilters, kept: readonly { key: string; hash: [number, number] }[]): Refusal | undefined {
  if (nearDuplicates === undefined) return undefined;
  const words = hashWords(differenceHash);
  const like = kept.find(({ hash }) => hashDistance(hash, words) <= nearDuplicates);
  return like && { status: 'dropped', reason: 'near_duplicate', message: `${hashDistance(like.hash, words)} of 64 bits from ${like.key}`, duplicateOf: like.key };
}
