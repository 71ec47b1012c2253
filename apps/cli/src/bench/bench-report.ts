import type { Sampling } from '@slipstream/contracts';
import type { Spread } from '@slipstream/quality';
import type { Machine } from '../machine.js';


/** What `slipstream bench` prints. Figures are medians; `spread` holds them again with interquartile range and count. */
export interface BenchReport {
  readonly machine: Machine & { readonly provider: string; readonly threads: number };
  readonly bundle: { readonly name: string; readonly digest: string };
  readonly configuration: {
    readonly vanilla: Sampling;
    readonly accelerated: Sampling;
    readonly capacity: number;
    readonly quick: boolean;
  };
  /** Time inside the graph of one row's step, batch 1, every guidance branch; `shortcut` is the kind that the default takes. */
  readonly steps: {
    readonly fullMs: number;
    readonly shortcutMs: number;
    readonly decodeMs: number;
    readonly ratio: number;
    readonly spread: { readonly fullMs: Spread; readonly shortcutMs: Spread };
  };
  /** Wall clock from submit to pixels, one picture at a time, the two settings in turn. */
  readonly pictures: {
    readonly vanillaSeconds: number;
    readonly acceleratedSeconds: number;
    readonly speedup: number;
    readonly spread: { readonly vanillaSeconds: Spread; readonly acceleratedSeconds: Spread; readonly speedup: Spread };
  };
  /** Saturated: more accelerated pictures wait than rows are free. */
  readonly engine: {
    /** 1 − seconds inside graphs ÷ wall clock, seen from outside the engine. */
    readonly outsideOnnxShare: number;
    /** Seconds that `steps` predicts for the work done ÷ wall clock; above 1 a batch is cheaper than its rows. */
    readonly efficiency: number;
    readonly picturesPerSecond: number;
    readonly spread: {
      readonly outsideOnnxShare: Spread;
      readonly efficiency: Spread;
      readonly picturesPerSecond: Spread;
    };
  };
  /** Seconds a picture when that many are submitted together. */
  readonly batches: readonly BatchFigure[];
}

export interface BatchFigure {
  readonly rows: number;
  readonly vanillaSeconds: number;
  readonly acceleratedSeconds: number;
  readonly speedup: number;
  readonly spread: { readonly vanillaSeconds: Spread; readonly acceleratedSeconds: Spread };
}
