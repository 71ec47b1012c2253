import type { Checkpoint, Knobs } from '@slipstream/contracts';
import type { FirstSteps } from './first-steps.js';
import type { Model } from './model-runner.js';
import type { UniformSource } from './uniforms.js';

/** What a strategy sees of its row. All of it is as of the next step's input; it only reads. */
export interface Progress {
  readonly model: Model;
  /** Of the branches that take part: the conditional one, and the unconditional one unless guidance is 0. */
  readonly prompts: readonly Int32Array[];
  /** (imageTokens), changed in place by every reveal. */
  readonly tokens: Int32Array;
  /** Steps done, and in all. */
  readonly step: number;
  readonly steps: number;
  readonly budget: number;
  /** All knobs of the strategy. */
  readonly knobs: Partial<Knobs>;
  /** How many tokens each step reveals by the request's schedule. */
  readonly revealCounts: readonly number[];
  /** Positions that the last step revealed, ascending. */
  readonly newPositions: readonly number[];
  readonly maskRatio: number;
  /** Guidance of this step by the ramp and at its full height, and the temperature. */
  readonly scheduled: { readonly guidance: number; readonly fullGuidance: number; readonly temperature: number };
  readonly uniforms: UniformSource;
  readonly firstSteps: FirstSteps;
  /** Counts branches of first steps that were remembered instead of computed. */
  remember(branches: number): void;
  /** The row as it is, to give to `checkpoint` later. */
  here(): Place;
  /**
   * Says that a course begun at this place, by default here, with this memo and no features, makes the same picture.
   * It begins with a full step there, which computes all that the strategy keeps besides.
   */
  checkpoint(memo?: Memo, place?: Place): void;
}

/** A checkpoint but for what the strategy has to say. */
export type Place = Omit<Checkpoint, 'memo'>;

/** A strategy's few numbers, carried from one worker to another. */
export type Memo = Readonly<Record<string, number>>;

/** Positions that were masked in `before` and are not any more, ascending. */
export function newSince(before: Int32Array, { tokens, model }: Pick<Progress, 'tokens' | 'model'>): number[] {
  const positions: number[] = [];
  for (let position = 0; position < before.length; position++) {
    if (before[position] === model.mask && tokens[position] !== model.mask) positions.push(position);
  }
  return positions;
}
