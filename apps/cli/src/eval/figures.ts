import { bootstrapMean, distinctCount, noiseFloor, pairedDifference, share, type Estimate } from '@slipstream/quality';
import type { ArmName } from './arm.js';
import type { Match } from './gallery.js';

/** Prompts with one right picture: how often it is the nearest. Shares in [0, 1]. */
export interface NamesFigure {
  readonly prompts: number;
  readonly vanilla: Estimate;
  readonly accelerated: Estimate;
  /** Accelerated − vanilla over the same prompts and seeds. */
  readonly difference: Estimate;
}

/** One arm on prompts with many right pictures. */
export interface OpenArm {
  /** Mean distance to the nearest reference picture; lower is more coherent. */
  readonly distance: Estimate;
  /** Distinct nearest reference pictures: the variety. */
  readonly coverage: number;
  /** Share whose nearest reference picture is of the category asked for. */
  readonly inCategory: Estimate;
}

export interface CategoriesFigure {
  readonly prompts: number;
  readonly seedsPerPrompt: number;
  readonly arms: Readonly<Record<ArmName, OpenArm>>;
  /** Mean paired differences of the distance, under the same prompts and seeds. */
  readonly acceleratedMinusVanilla: Estimate;
  readonly fewStepMinusAccelerated: Estimate;
  /** What two vanilla runs with different seeds differ by, by chance. */
  readonly noiseFloor: number;
}

type Matches = readonly Match[];

export function namesFigure(vanilla: Matches, accelerated: Matches): NamesFigure {
  const right = (matches: Matches): number[] => matches.map((match) => Number(match.isRight));
  const rightShare = (matches: Matches): Estimate => share(sum(right(matches)), matches.length);
  return {
    prompts: vanilla.length,
    vanilla: rightShare(vanilla),
    accelerated: rightShare(accelerated),
    difference: pairedDifference(right(accelerated), right(vanilla)),
  };
}

export function categoriesFigure(
  matches: Readonly<Record<ArmName, Matches>>,
  seedsPerPrompt: number,
): CategoriesFigure {
  const distances = (arm: ArmName): number[] => matches[arm].map((match) => match.distance);
  const openArm = (arm: ArmName): OpenArm => ({
    distance: bootstrapMean(distances(arm)),
    coverage: distinctCount(matches[arm].map((match) => match.index)),
    inCategory: share(sum(matches[arm].map((match) => Number(match.inCategory))), matches[arm].length),
  });
  return {
    prompts: matches.vanilla.length / seedsPerPrompt,
    seedsPerPrompt,
    arms: {
      vanilla: openArm('vanilla'),
      rerun: openArm('rerun'),
      accelerated: openArm('accelerated'),
      fewStep: openArm('fewStep'),
    },
    acceleratedMinusVanilla: pairedDifference(distances('accelerated'), distances('vanilla')),
    fewStepMinusAccelerated: pairedDifference(distances('fewStep'), distances('accelerated')),
    noiseFloor: noiseFloor(distances('vanilla'), distances('rerun')),
  };
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
