import { requireVectors } from './finite.js';

/** Pairwise kernels within a set, and from each of its vectors to the reference: all that KID needs, for any resample. */
export interface KernelTable {
  readonly count: number;
  /** (count, count) */
  readonly within: Float64Array;
  /** Mean kernel of each vector to the reference, (count). */
  readonly toReference: Float64Array;
  /** Mean kernel of distinct pairs of the reference. */
  readonly ofReference: number;
}

/**
 * Kernels of a set against a reference, k(x, y) = (x·y / channels + 1)³ (Bińkowski et al. 2018, "Demystifying MMD GANs",
 * section 3). Throws a RangeError when a set has fewer than two vectors or the sets differ in channels.
 */
export function kernelTable(set: readonly Float32Array[], reference: readonly Float32Array[]): KernelTable {
  const channels = requireVectors(set);
  if (requireVectors(reference) !== channels) throw new RangeError(`${channels} channels cannot be compared with ${reference[0]!.length}`);
  if (set.length < 2 || reference.length < 2) throw new RangeError('KID needs two vectors of each set at least');
  const within = gram(set);
  const toReference = Float64Array.from(set, (x) => average(reference, (y) => kernel(x, y)));
  return { count: set.length, within, toReference, ofReference: meanOfPairs(gram(reference), reference.length) };
}

/**
 * KID: the unbiased squared maximum mean discrepancy; 0 in expectation for two sets of one distribution, so a little
 * below 0 by chance. `picks` are the vectors that take part (default all): one picked twice is never paired with itself.
 */
export function kernelDistance({ count, within, toReference, ofReference }: KernelTable, picks?: readonly number[]): number {
  const weights = new Float64Array(count);
  if (picks) for (const pick of picks) weights[pick]! += 1;
  else weights.fill(1);
  let pairs = 0;
  let pairWeight = 0;
  let cross = 0;
  let weight = 0;
  for (let i = 0; i < count; i += 1) {
    const own = weights[i]!;
    if (own === 0) continue;
    cross += own * toReference[i]!;
    weight += own;
    for (let j = i + 1; j < count; j += 1) {
      pairs += own * weights[j]! * within[i * count + j]!;
      pairWeight += own * weights[j]!;
    }
  }
  return pairs / pairWeight + ofReference - (2 * cross) / weight;
}

function kernel(x: Float32Array, y: Float32Array): number {
  let dot = 0;
  for (let i = 0; i < x.length; i += 1) dot += x[i]! * y[i]!;
  return (dot / x.length + 1) ** 3;
}

function gram(set: readonly Float32Array[]): Float64Array {
  const { length } = set;
  const values = new Float64Array(length * length);
  for (let i = 0; i < length; i += 1) for (let j = i; j < length; j += 1) values[i * length + j] = values[j * length + i] = kernel(set[i]!, set[j]!);
  return values;
}

function meanOfPairs(values: Float64Array, count: number): number {
  let sum = 0;
  for (let i = 0; i < count; i += 1) for (let j = i + 1; j < count; j += 1) sum += values[i * count + j]!;
  return sum / ((count * (count - 1)) / 2);
}

const average = <T>(list: readonly T[], of: (item: T) => number): number => list.reduce((sum, item) => sum + of(item), 0) / list.length;
