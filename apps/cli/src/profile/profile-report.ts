import type { Sampling, StrategyName } from '@slipstream/contracts';
import type { Spread } from '@slipstream/quality';
import type { MachineSpeed } from '@slipstream/runtime';
import type { Machine } from '../machine.js';

/** What `slipstream profile` measures: one picture at a time, nothing remembered but where it says so. */
export interface ProfileReport {
  readonly machine: Machine & MachineSpeed & { readonly threads: number };
  readonly bundle: { readonly name: string; readonly digest: string; readonly weightBytes: number };
  readonly configuration: { readonly vanilla: Sampling; readonly accelerated: Sampling };
  /** Seconds inside the graph of one row's step with both branches, by kind. */
  readonly steps: {
    readonly full: Spread;
    readonly shortcut: Spread;
    readonly decode: Spread;
    /** full ÷ shortcut */
    readonly ratio: number;
  };
  readonly pictures: PictureFigures;
  /** The same where the engine remembers the first step of the prompt, as it does in a service; both have a full step less. */
  readonly remembered?: PictureFigures;
  readonly engine: {
    /** Seconds that `steps` predicts for the same steps ÷ wall clock. */
    readonly efficiency: number;
    readonly outsideOnnxShare: number;
  };
  readonly memory: {
    /** Largest resident set of the process so far, weights mapped into it included. */
    readonly peakBytes: number;
    readonly aboveWeightsBytes: number;
    /** The same after every strategy had its turn. */
    readonly aboveWeightsOfAllBytes: number;
  };
  /** Of graphs whose operations the bundle tells. */
  readonly floors: readonly FloorFigure[];
  readonly strategies: readonly StrategyFigure[];
}

/** Wall clock from submit to pixels. */
export interface PictureFigures {
  readonly vanilla: Spread;
  readonly accelerated: Spread;
  readonly ratio: number;
  /** What the ratio would be if shortcut steps cost nothing: their decode is the same. */
  readonly limit: number;
  /** The same without the decode. */
  readonly untilDecode: { readonly ratio: number; readonly limit: number };
}

export interface FloorFigure {
  readonly graph: 'full' | 'shortcut';
  /** Of one row with both branches and every position masked: sums and products of matrices and attention. */
  readonly operations: number;
  readonly weightBytes: number;
  /** No run is faster here: operations and bytes at the machine's speed, whichever takes longer. */
  readonly seconds: number;
  /** Floor ÷ measured. */
  readonly share: number;
}

export interface StrategyFigure {
  readonly strategy: StrategyName;
  readonly steps: number;
  readonly seconds: number;
  readonly fullSteps: number;
  readonly shortcutSteps: number;
  readonly partialSteps: number;
}
