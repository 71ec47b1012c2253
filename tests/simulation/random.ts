import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { mersenne } from 'pure-rand/generator/mersenne';

/** Numbers of one seed. */
export class Random {
  readonly #generator;

  constructor(seed: number) {
    this.#generator = mersenne(seed);
  }

  /** 0 … 1, both excluded. */
  uniform(): number {
    return Math.min(1 - 2 ** -53, uniformFloat64(this.#generator) + 2 ** -54);
  }

  exponential(mean: number): number {
    return -mean * Math.log(this.uniform());
  }

  /** Pareto with the least value and the tail exponent, cut off at `most`. */
  pareto({ least, tail, most }: { least: number; tail: number; most: number }): number {
    return Math.min(most, least * this.uniform() ** (-1 / tail));
  }

  /** An index, as likely as its share of the ascending sums. */
  pick(sums: readonly number[]): number {
    const at = this.uniform() * sums.at(-1)!;
    let [low, high] = [0, sums.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sums[middle]! > at) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

/** Ascending sums of 1 / rank^exponent: the popularity of prompts and the size of tenants. */
export function zipfSums(count: number, exponent: number): number[] {
  let sum = 0;
  return Array.from({ length: count }, (_, rank) => (sum += (rank + 1) ** -exponent));
}
