import type { Engine, SampleRequest, SampleResult } from '@slipstream/runtime';
import type { Sampling } from '../sampling.js';
import type { Progress } from '../progress.js';
import { sampleMany } from '../sample-many.js';
import { categorySubjects, fewSteps, nameSubjects, type ArmName, type Subject } from './arm.js';
import { categoriesFigure, namesFigure, type CategoriesFigure, type NamesFigure } from './figures.js';
import { openGallery, type Gallery } from './gallery.js';
import type { PromptList } from './prompt-list.js';
import type { Reference } from './reference.js';
import { categoryVerdicts, nameVerdicts, type Verdict } from './verdicts.js';

export interface EvaluateOptions {
  readonly reference: Reference;
  readonly prompts: PromptList;
  readonly seed: number;
  readonly seedsPerPrompt: number;
  readonly vanilla: Sampling;
  readonly accelerated: Sampling;
  /** In units of full steps; see `evaluationUnits`. */
  readonly progress: Progress;
  readonly signal?: AbortSignal;
}

/** Pictures of the same subjects by two arms, for people to look at. */
export interface Exhibit {
  readonly subjects: readonly Subject[];
  readonly vanilla: readonly SampleResult[];
  readonly accelerated: readonly SampleResult[];
}

export interface Evaluation {
  readonly settings: { readonly vanilla: Sampling; readonly accelerated: Sampling; readonly fewStep?: Sampling };
  /** Engine seconds a picture at saturation, by arm. */
  readonly secondsPerPicture: Readonly<Partial<Record<ArmName, number>>>;
  readonly names?: NamesFigure;
  readonly categories?: CategoriesFigure;
  readonly verdicts: readonly Verdict[];
  readonly exhibits: { readonly names?: Exhibit; readonly categories?: Exhibit };
}

/** Full steps that an evaluation takes, cheap steps left out: the scale of its progress. */
export function evaluationUnits({
  prompts,
  seedsPerPrompt,
  vanilla,
  accelerated,
}: Omit<EvaluateOptions, 'progress'>): number {
  const pair = vanilla.steps + accelerated.budget;
  return prompts.names.length * pair + prompts.categories.length * seedsPerPrompt * 2 * pair;
}

interface ArmRun {
  readonly results: SampleResult[];
  readonly secondsPerPicture: number;
}

/** Makes the pictures of every arm and holds them against the reference. An empty half of the prompt list is left out. */
export async function evaluate(engine: Engine, options: EvaluateOptions): Promise<Evaluation> {
  const gallery = await openGallery(engine, options.reference.entries);
  const names = options.prompts.names.length === 0 ? undefined : await judgeNames(engine, gallery, options);
  const open = options.prompts.categories.length === 0 ? undefined : await judgeCategories(engine, gallery, options);
  return {
    settings: { vanilla: options.vanilla, accelerated: options.accelerated, fewStep: open?.fewStep },
    secondsPerPicture: open?.secondsPerPicture ?? names?.secondsPerPicture ?? {},
    names: names?.figure,
    categories: open?.figure,
    verdicts: [...(names ? nameVerdicts(names.figure) : []), ...(open ? categoryVerdicts(open.figure) : [])],
    exhibits: { names: names?.exhibit, categories: open?.exhibit },
  };
}

async function judgeNames(engine: Engine, gallery: Gallery, options: EvaluateOptions) {
  const subjects = nameSubjects(options.prompts.names, options.seed);
  const vanilla = await runArm(engine, subjects, options.vanilla, options);
  const accelerated = await runArm(engine, subjects, options.accelerated, options);
  const figure = namesFigure(await match(gallery, subjects, vanilla), await match(gallery, subjects, accelerated));
  const secondsPerPicture = { vanilla: vanilla.secondsPerPicture, accelerated: accelerated.secondsPerPicture };
  return {
    figure,
    secondsPerPicture,
    exhibit: { subjects, vanilla: vanilla.results, accelerated: accelerated.results },
  };
}

async function judgeCategories(engine: Engine, gallery: Gallery, options: EvaluateOptions) {
  const { prompts, seed, seedsPerPrompt } = options;
  const subjects = categorySubjects(prompts.categories, seed, seedsPerPrompt);
  const others = categorySubjects(prompts.categories, seed + seedsPerPrompt, seedsPerPrompt);
  const vanilla = await runArm(engine, subjects, options.vanilla, options);
  const accelerated = await runArm(engine, subjects, options.accelerated, options);
  const rerun = await runArm(engine, others, options.vanilla, options);
  const steps = fewSteps(options.accelerated, engine.stats().rowSeconds);
  const fewStep: Sampling = { ...options.vanilla, steps, budget: steps };
  const few = await runArm(engine, subjects, fewStep, options);
  const matches = {
    vanilla: await match(gallery, subjects, vanilla),
    rerun: await match(gallery, others, rerun),
    accelerated: await match(gallery, subjects, accelerated),
    fewStep: await match(gallery, subjects, few),
  };
  const secondsPerPicture = {
    vanilla: vanilla.secondsPerPicture,
    rerun: rerun.secondsPerPicture,
    accelerated: accelerated.secondsPerPicture,
    fewStep: few.secondsPerPicture,
  };
  const exhibit = { subjects, vanilla: vanilla.results, accelerated: accelerated.results };
  return { figure: categoriesFigure(matches, seedsPerPrompt), fewStep, secondsPerPicture, exhibit };
}

async function runArm(
  engine: Engine,
  subjects: readonly Subject[],
  sampling: Sampling,
  { progress, signal }: Pick<EvaluateOptions, 'progress' | 'signal'>,
): Promise<ArmRun> {
  const requests: SampleRequest[] = subjects.map((subject) => ({ ...subject, ...sampling }));
  const startedMs = performance.now();
  const results = await sampleMany(engine, requests, {
    signal,
    onDone: (result) => progress.advance(result.fullSteps),
  });
  return { results, secondsPerPicture: (performance.now() - startedMs) / 1000 / subjects.length };
}

const match = (gallery: Gallery, subjects: readonly Subject[], { results }: ArmRun) =>
  gallery.match(
    subjects.map((subject) => subject.prompt),
    results,
  );
