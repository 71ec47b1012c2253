import { SlipstreamError } from '@slipstream/contracts';
import { requireFinite } from './finite.js';
import type { Gaussian } from './gaussian.js';
import { parseStatistics, type StatisticsRecord } from './statistics-record.js';

/** Features are rounded to 2^-16: far below a scorer's own noise, and what makes sums exact. */
const STEPS_PER_UNIT = 2 ** 16;
/** So that a product of two rounded features stays below 2^48. */
const LARGEST = 2 ** 8;
/** Products that fit a double exactly, 2^53 ÷ 2^48. */
const ROWS_PER_FLUSH = 32;

/** Whose features they are. */
export interface FeatureSpace {
  /** sha256 of the scorer's image graph, hex. */
  readonly scorer: string;
  readonly channels: number;
}

/**
 * Mean and covariance of a growing set of features. All sums are whole numbers of rounded features, so parts of many
 * workers merge in any order, grouping or time to the same bits.
 */
export class RunningStatistics {
  private readonly sums: bigint[];
  /** Upper triangle, row by row. */
  private readonly products: bigint[];
  private readonly pending: Float64Array;
  private pendingRows = 0;
  private seen = 0;

  constructor(readonly space: FeatureSpace) {
    const { channels } = space;
    this.sums = new Array<bigint>(channels).fill(0n);
    this.products = new Array<bigint>((channels * (channels + 1)) / 2).fill(0n);
    this.pending = new Float64Array(channels + this.products.length);
  }

  /** Pictures so far. */
  get count(): number {
    return this.seen;
  }

  /** One picture's features, (channels). Throws `bundle_invalid` naming the picture when one is not finite or beyond ±256. */
  add(features: ArrayLike<number>, picture: string | number = this.seen): void {
    const { channels } = this.space;
    if (features.length !== channels) throw otherSpace('features.length', String(features.length), String(channels));
    requireFinite(features, picture);
    const rounded = Float64Array.from(features, (value) => Math.round(value * STEPS_PER_UNIT));
    const beyond = rounded.findIndex((value) => Math.abs(value) >= LARGEST * STEPS_PER_UNIT);
    if (beyond !== -1) throw tooLarge(features[beyond]!, beyond, picture);
    for (let i = 0, at = channels; i < channels; i += 1) {
      this.pending[i]! += rounded[i]!;
      for (let j = i; j < channels; j += 1) this.pending[at++]! += rounded[i]! * rounded[j]!;
    }
    this.seen += 1;
    this.pendingRows += 1;
    if (this.pendingRows === ROWS_PER_FLUSH) this.flush();
  }

  /** Adds the pictures of another part; that one stays as it is. Throws `bundle_invalid` when it is of another scorer. */
  merge(part: RunningStatistics): void {
    this.mergeRecord(part.toJSON());
  }

  /** The same from its JSON form, as it comes from another process. */
  mergeRecord(record: unknown): void {
    const { scorer, channels, count, sums, products } = parseStatistics(record);
    if (scorer !== this.space.scorer) throw otherSpace('scorer', scorer, this.space.scorer);
    if (channels !== this.space.channels) throw otherSpace('channels', String(channels), String(this.space.channels));
    sums.forEach((sum, i) => (this.sums[i]! += BigInt(sum)));
    products.forEach((product, i) => (this.products[i]! += BigInt(product)));
    this.seen += count;
  }

  /** Equal sets of pictures have equal forms. */
  toJSON(): StatisticsRecord {
    this.flush();
    return { ...this.space, count: this.seen, sums: this.sums.map(String), products: this.products.map(String) };
  }

  /** Rounded once, from exact numerators. Throws a RangeError for fewer than two pictures. */
  gaussian(): Gaussian {
    this.flush();
    const { channels } = this.space;
    if (this.seen < 2) throw new RangeError(`${this.seen} pictures have no covariance`);
    const count = BigInt(this.seen);
    const mean = Float64Array.from(this.sums, (sum) => Number(sum) / this.seen / STEPS_PER_UNIT);
    const divisor = this.seen * (this.seen - 1) * STEPS_PER_UNIT ** 2;
    const covariance = new Float64Array(channels * channels);
    for (let i = 0, at = 0; i < channels; i += 1) {
      for (let j = i; j < channels; j += 1) {
        const numerator = count * this.products[at++]! - this.sums[i]! * this.sums[j]!;
        covariance[i * channels + j] = covariance[j * channels + i] = Number(numerator) / divisor;
      }
    }
    return { count: this.seen, mean, covariance };
  }

  private flush(): void {
    if (this.pendingRows === 0) return;
    const { channels } = this.space;
    for (let i = 0; i < channels; i += 1) this.sums[i]! += BigInt(this.pending[i]!);
    for (let i = channels; i < this.pending.length; i += 1) this.products[i - channels]! += BigInt(this.pending[i]!);
    this.pending.fill(0);
    this.pendingRows = 0;
  }
}

function otherSpace(param: string, given: string, own: string): SlipstreamError {
  const remedy = 'compare only what one scorer measured: measure again with this one, or load the other scorer';
  return new SlipstreamError('bundle_invalid', `${param} is ${given}, but these statistics are of ${own}`, { param, remedy });
}

function tooLarge(value: number, place: number, picture: string | number): SlipstreamError {
  const remedy = 'use a scorer whose features stay below 256, or scale them in its graph';
  return new SlipstreamError('bundle_invalid', `the scorer gave ${value} at place ${place} for picture ${picture}`, { param: 'features', remedy });
}
