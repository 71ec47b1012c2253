import {
  alignmentScore, bootstrapMean, distinctCount, estimateFrom, frechetDistanceTo, gaussianOf, isNonInferior, kernelDistance, kernelTable, nearest, noiseOf,
  pairedDifference, precisionRecall, replicates, retrievalRank, share, tokenAgreement, type Estimate, type Gaussian,
} from '@slipstream/quality';
import type { ScorerManifest } from '@slipstream/contracts';
import type { Judged } from './judge.js';
import type { Pictures } from './make-pictures.js';
import type { Reference } from './reference.js';
import type { Subject } from './subject.js';

/** What may be lost of the alignment, in points, declared beforehand. */
export const ALIGNMENT_MARGIN = 1;

/** One arm's pictures on open prompts, and on names; brackets of a report are the 95 % intervals. */
export interface ArmFigures {
  /** Squared Fréchet distance of the classifier's features to the training pictures'; its difference to the reference arm's. */
  readonly frechet: Estimate;
  readonly frechetDifference: Estimate;
  readonly kernelDistance: number;
  readonly precision: Estimate;
  readonly recall: Estimate;
  /** Mean distance to the nearest training picture, lower is more coherent; distinct nearest pictures. */
  readonly coherence: Estimate;
  readonly coverage: number;
  /** 100 × cosine to the prompt, empty prompts left out; paired difference to the reference arm. */
  readonly alignment: Estimate;
  readonly alignmentDifference: Estimate;
  readonly alignmentHolds: boolean;
  /** Share of pictures of a category prompt whose label is of that category. */
  readonly inCategory: Estimate;
  /** Share of names whose picture fits its own name best among all names. */
  readonly retrieval: Estimate;
  /** Share of tokens equal to the reference arm's under the same seed: faithfulness, not quality. */
  readonly faithfulness: Estimate;
  /** Log-probability of a token under the base given the others, nats a token; without it where the bundle gives no logits. */
  readonly likelihood?: Estimate | undefined;
  /** Of the further scorers, by name: the mean, and the paired difference to the reference arm. Of those that see the prompt, empty prompts left out. */
  readonly scores: Readonly<Record<string, { readonly value: Estimate; readonly difference: Estimate }>>;
  readonly steps: { readonly full: number; readonly shortcut: number; readonly partial: number };
}

export interface ArmPictures {
  readonly pictures: Pictures;
  readonly judged: readonly Judged[];
  /** Of open pictures. */
  readonly likelihoods: readonly number[];
}

export interface FigureOptions {
  readonly subjects: readonly Subject[];
  readonly reference: Reference;
  /** Training pictures in the classifier's space, and their moments. */
  readonly training: { readonly vectors: readonly Float32Array[] } & Gaussian;
  readonly prompts: ReadonlyMap<string, Float32Array>;
  /** Of the further scorers, in the order of a picture's scores. */
  readonly further: readonly Pick<ScorerManifest, 'name' | 'text'>[];
}

/** Figures of an arm beside the reference arm, both made of the same subjects. */
export function figuresOf(arm: ArmPictures, base: ArmPictures, options: FigureOptions): ArmFigures {
  const { subjects, training } = options;
  const open = indicesOf(subjects, ({ kind }) => kind === 'open');
  const features = open.map((i) => arm.judged[i]!.features);
  const neighbours = features.map((vector) => nearest(vector, training.vectors));
  const { precise, recalled } = precisionRecall(features, training.vectors);
  const alignmentDifference = pairedDifference(alignments(arm, options), alignments(base, options));
  return {
    ...frechetFigures(features, open.map((i) => base.judged[i]!.features), training),
    kernelDistance: kernelDistance(kernelTable(features, training.vectors)),
    precision: shareOf(precise),
    recall: shareOf(recalled),
    coherence: bootstrapMean(neighbours.map(({ distance }) => distance)),
    coverage: distinctCount(neighbours.map(({ index }) => index)),
    alignment: bootstrapMean(alignments(arm, options)),
    alignmentDifference,
    alignmentHolds: isNonInferior(alignmentDifference, { margin: ALIGNMENT_MARGIN, better: 'higher' }),
    inCategory: shareOf(inCategory(arm, options)),
    retrieval: shareOf(retrieved(arm, options)),
    faithfulness: bootstrapMean(arm.pictures.map(({ tokens }, i) => tokenAgreement(tokens, base.pictures[i]!.tokens))),
    likelihood: arm.likelihoods.length > 0 ? bootstrapMean(arm.likelihoods) : undefined,
    scores: Object.fromEntries(options.further.map(({ name, text }, at) => {
      const [mine, theirs] = [arm, base].map(({ judged }) => openScores(judged, at, { subjects, prompted: text !== undefined }));
      return [name, { value: bootstrapMean(mine!), difference: pairedDifference(mine!, theirs!) }];
    })),
    steps: { full: meanOf(arm, 'fullSteps'), shortcut: meanOf(arm, 'shortcutSteps'), partial: meanOf(arm, 'partialSteps') },
  };
}

/** Distance of each open picture to the nearest training picture. */
export function distancesOf({ judged }: ArmPictures, { subjects, training }: Pick<FigureOptions, 'subjects' | 'training'>): number[] {
  return indicesOf(subjects, ({ kind }) => kind === 'open').map((i) => nearest(judged[i]!.features, training.vectors).distance);
}

/** What two runs of one arm differ by, by chance. */
export function noiseFloors(rerun: ArmFigures): { readonly frechet: number; readonly alignment: number } {
  return { frechet: noiseOf(rerun.frechetDifference), alignment: noiseOf(rerun.alignmentDifference) };
}

/** The distance and its difference to the reference arm's, whose resamples are paired. */
function frechetFigures(features: readonly Float32Array[], base: readonly Float32Array[], training: Gaussian): Pick<ArmFigures, 'frechet' | 'frechetDifference'> {
  const distanceTo = frechetDistanceTo(training);
  const of = (set: readonly Float32Array[]) => (picks: readonly number[]) => distanceTo(gaussianOf(picks.map((i) => set[i]!)));
  const everything = [...features.keys()];
  const [mine, theirs] = [of(features)(everything), of(base)(everything)];
  const [drawnMine, drawnTheirs] = [replicates(features.length, of(features), { resamples: RESAMPLES }), replicates(base.length, of(base), { resamples: RESAMPLES })];
  const differences = drawnMine.map((value, i) => value - drawnTheirs[i]!);
  return { frechet: estimateFrom(mine, drawnMine), frechetDifference: estimateFrom(mine - theirs, differences) };
}

const RESAMPLES = 100;

function alignments({ judged }: ArmPictures, { subjects, prompts }: FigureOptions): number[] {
  return indicesOf(subjects, ({ kind, prompt }) => kind === 'open' && prompt !== '').map((i) => alignmentScore(judged[i]!.embedding, prompts.get(subjects[i]!.prompt)!));
}

function openScores(judged: readonly Judged[], scorer: number, { subjects, prompted }: { subjects: readonly Subject[]; prompted: boolean }): number[] {
  return indicesOf(subjects, ({ kind, prompt }) => kind === 'open' && !(prompted && prompt === '')).map((i) => judged[i]!.scores[scorer]!);
}

function inCategory({ judged }: ArmPictures, { subjects, reference }: FigureOptions): boolean[] {
  const categories = new Map(reference.entries.map((entry) => [entry.name, new Set(entry.categories)]));
  const asked = new Set(reference.prompts.categories);
  return indicesOf(subjects, ({ prompt, kind }) => kind === 'open' && asked.has(prompt)).map((i) => categories.get(judged[i]!.label)?.has(subjects[i]!.prompt) ?? false);
}

function retrieved({ judged }: ArmPictures, { subjects, prompts }: FigureOptions): boolean[] {
  const names = [...new Set(subjects.filter(({ kind }) => kind === 'name').map(({ prompt }) => prompt))];
  return indicesOf(subjects, ({ kind }) => kind === 'name').map((i) => {
    const scores = names.map((name) => alignmentScore(judged[i]!.embedding, prompts.get(name)!));
    return retrievalRank(scores, names.indexOf(subjects[i]!.prompt)) === 1;
  });
}

const shareOf = (hits: readonly boolean[]): Estimate => share(hits.filter(Boolean).length, hits.length);

function meanOf({ pictures }: ArmPictures, key: 'fullSteps' | 'shortcutSteps' | 'partialSteps'): number {
  return pictures.reduce((total, picture) => total + picture[key], 0) / pictures.length;
}

function indicesOf(subjects: readonly Subject[], holds: (subject: Subject) => boolean): number[] {
  return [...subjects.keys()].filter((i) => holds(subjects[i]!));
}
