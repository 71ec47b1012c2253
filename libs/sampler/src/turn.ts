import type { StepKind } from '@slipstream/contracts';
import type { Features, Model } from './model-runner.js';

/** How a step samples, where a strategy does not leave it to the schedule of the request. */
export interface SamplingChoice {
  readonly guidance?: number;
  /** Divides the logits. */
  readonly temperature?: number;
  readonly revealCount?: number;
  /** Positions in the order in which they are revealed, whatever their confidence. */
  readonly order?: readonly number[];
}

interface Step {
  readonly sampling?: SamplingChoice;
  /** False for a run whose features are wanted and whose tokens are not: the step goes on. Default true. */
  readonly reveals?: boolean;
  /** True when what an `anchored` or `tail` run samples from is wanted too, which no strategy needs. Default false. */
  readonly inspected?: boolean;
}

/**
 * The run that a row wants next: a graph and its own inputs. `prompts` are those of the branches that take part, the
 * conditional one first; features hold as many branches.
 */
export type Turn =
  /** The base on all positions; its residual comes along when asked for. */
  | (Step & { readonly kind: 'full'; readonly prompts: readonly Int32Array[]; readonly residual?: boolean })
  /** Sampling from features that are known. */
  | (Step & { readonly kind: 'head'; readonly features: Features; /** True when no branch of them was computed for this step. */ readonly recalled?: boolean })
  /** From the last step's features and the positions that it revealed. */
  | (Step & { readonly kind: 'shortcut'; readonly features: Features; readonly news: readonly number[] })
  /** From the last full step's features, the mask ratio at its input, and what was revealed since: (imageTokens), the mask elsewhere. */
  | (Step & { readonly kind: 'anchored'; readonly features: Features; readonly anchorMaskRatio: number; readonly revealed: Int32Array })
  /** The embeddings of the tokens plus a residual sum that was extrapolated. */
  | (Step & { readonly kind: 'tail'; readonly prompts: readonly Int32Array[]; readonly residual: Float32Array })
  /** The base on some positions of each branch, the others from their keys, values and features. */
  | (Step & { readonly kind: 'partial'; readonly prompts: readonly Int32Array[]; readonly features: Features; readonly cache: Float32Array; readonly selected: readonly Int32Array[] })
  /** The one-step student from tokens half of which are noise; embedNoise (imageTokens, channels). */
  | (Step & { readonly kind: 'student'; readonly prompts: readonly Int32Array[]; readonly start: Int32Array; readonly embedNoise: Float32Array; readonly noiseShare: number })
  /** The row's tokens as a picture, or others. */
  | { readonly kind: 'decode'; readonly tokens?: Int32Array };

/** The graph that a run uses. */
export type PlanKind = Turn['kind'];

export const PLAN_KINDS = ['full', 'head', 'shortcut', 'anchored', 'tail', 'partial', 'student', 'decode'] as const satisfies readonly PlanKind[];

/** The sizes of a run's free axes; a fact of the row alone, so no row's shape depends on its mates. */
export interface Shape {
  /** 1 or 2; 0 where the graph has no such axis, as with the others. */
  readonly branches: number;
  readonly masked: number;
  /** New tokens of a shortcut, or positions that a partial step recomputes. */
  readonly places: number;
}

/** The shape of a turn with `masked` tokens left. Throws RangeError when more positions are selected than there are. */
export function shapeOf(turn: Turn, masked: number, model: Model): Shape {
  if (turn.kind === 'decode' || turn.kind === 'student') return { branches: 0, masked: 0, places: 0 };
  const branches = 'features' in turn ? turn.features.length / (model.positions * model.channels) : turn.prompts.length;
  return { branches, masked: bucketFor(masked, model.maskedBuckets), places: placesOf(turn, model) };
}

function placesOf(turn: Turn, model: Model): number {
  if (turn.kind === 'shortcut') return bucketFor(turn.news.length, model.newTokenBuckets);
  return turn.kind === 'partial' ? bucketFor(turn.selected[0]!.length, model.selectedBuckets) : 0;
}

/** The smallest bucket that holds `count`. */
export function bucketFor(count: number, buckets: readonly number[]): number {
  const bucket = buckets.find((size) => size >= count);
  if (bucket === undefined) throw new RangeError(`no bucket holds ${count}; the largest is ${buckets.at(-1)}`);
  return bucket;
}

/** What a step of this turn was sampled from: the base's own features, computed or recalled, predicted ones, or a mixture. */
export function stepKind(turn: Turn, model: Model): StepKind {
  switch (turn.kind) {
    case 'shortcut':
    case 'anchored':
    case 'tail':
      return 'shortcut';
    case 'partial':
      return turn.selected.every((positions) => positions.length === model.positions) ? 'full' : 'partial';
    case 'head':
      return turn.recalled ? 'recalled' : 'full';
    default:
      return 'full';
  }
}
