import type { Features, RowOutput } from './model-runner.js';
import type { Progress } from './progress.js';
import type { Course } from './strategy.js';
import { bucketFor, type SamplingChoice } from './turn.js';

/** What partial steps go on from: features of all positions, and the keys and values behind them. Before the first run it is all zeros. */
export class PartialState {
  features: Features;
  private cache: Float32Array;

  constructor(private readonly row: Progress) {
    const { positions, channels, layers } = row.model;
    this.features = new Float32Array(row.prompts.length * positions * channels);
    this.cache = new Float32Array(row.prompts.length * layers * positions * 2 * channels);
  }

  /** A step with every position recomputed. */
  *full(sampling: SamplingChoice = {}): Course<RowOutput> {
    const { prompts, model } = this.row;
    const all = Int32Array.from({ length: model.positions }, (_, position) => position);
    return yield* this.run(prompts.map(() => all), sampling);
  }

  /**
   * A step with these positions of each branch recomputed, in order of need. A branch's list is topped up to a
   * size that the graph knows with the positions that come next, which only makes these fresher.
   */
  *partial(wanted: readonly (readonly number[])[], sampling: SamplingChoice = {}): Course<RowOutput> {
    const { selectedBuckets, positions } = this.row.model;
    const size = bucketFor(Math.max(1, ...wanted.map(({ length }) => length)), selectedBuckets);
    const others = Array.from({ length: positions }, (_, position) => position);
    return yield* this.run(wanted.map((list) => Int32Array.from([...new Set([...list, ...others])].slice(0, size))), sampling);
  }

  private *run(selected: readonly Int32Array[], sampling: SamplingChoice): Course<RowOutput> {
    const { features, cache } = this;
    const output = yield { kind: 'partial', prompts: this.row.prompts, features, cache, selected, sampling };
    this.features = output.features!;
    this.cache = output.cache!;
    return output;
  }
}

/** Indices of `values` from the smallest to the largest; of equals the lower comes first. */
export function ascending(values: ArrayLike<number>): number[] {
  return Array.from(values, (_, index) => index).sort((a, b) => values[a]! - values[b]! || a - b);
}
