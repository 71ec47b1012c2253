import { pairedDifference, type Spread } from '@slipstream/quality';
import { encodePicture, pictureGrid } from '@slipstream/pictures';
import type { OpenRunner } from '@slipstream/runtime';
import { REFERENCE_ARM, type Arm } from './arm.js';
import { distancesOf, figuresOf, noiseFloors, type ArmPictures } from './figures.js';
import { forcedErrors, predictionMethods } from './forced-steps.js';
import { decode, embedPrompts, judge, type Judges } from './judge.js';
import type { Pictures } from './make-pictures.js';
import { pseudoLikelihood } from './pseudo-likelihood.js';
import type { Progress } from '../progress.js';
import type { Reference } from './reference.js';
import { fastestThatHolds, type ArmReport, type EvalReport } from './report.js';
import type { Subject } from './subject.js';

export interface EvaluateOptions {
  readonly arms: readonly Arm[];
  readonly subjects: readonly Subject[];
  readonly made: ReadonlyMap<string, Pictures>;
  readonly seconds: ReadonlyMap<string, Spread>;
  readonly reference: Reference;
  readonly judges: Judges;
  /** Trajectories of the teacher-forced part. */
  readonly trajectories: number;
  /** In arms. */
  readonly progress: Progress;
}

const GAPS = [1, 2, 4, 8, 16];

/** Judges all pictures in this thread, which must own ONNX Runtime. */
export async function evaluate(runner: OpenRunner, options: EvaluateOptions): Promise<Pick<EvalReport, 'noise' | 'arms' | 'gaps' | 'fastest' | 'channels'>> {
  const { arms, subjects, made, seconds, reference, judges, progress } = options;
  const { classifier } = judges;
  const training = classifier.reference()!;
  const prompts = await embedPrompts(judges, subjects);
  const judged = new Map<string, ArmPictures>();
  for (const { id } of arms) {
    const pictures = made.get(id)!;
    judged.set(id, { pictures, judged: await judge(runner, judges, pictures, subjects), likelihoods: await likelihoodsOf(runner, pictures, subjects) });
    progress.advance(1);
  }
  const base = judged.get(REFERENCE_ARM)!;
  const baseSeconds = seconds.get(REFERENCE_ARM)!.median;
  const reports = arms.map((arm): ArmReport => {
    const spread = seconds.get(arm.rerun ? REFERENCE_ARM : arm.id)!;
    return { arm, ...figuresOf(judged.get(arm.id)!, base, { subjects, reference, training, prompts, further: judges.further.map(({ manifest }) => manifest) }), seconds: spread, speedup: baseSeconds / spread.median };
  });
  const distances = new Map(arms.map(({ id }) => [id, distancesOf(judged.get(id)!, { subjects, training })]));
  const rivalled = reports.map((each) => ({ ...each, rival: rivalOf(each, reports, distances) }));
  const noise = noiseFloors(reports.find(({ arm }) => arm.rerun)!);
  const gaps = await gapErrors(runner, options);
  progress.advance(1);
  return { noise, arms: rivalled, gaps, fastest: fastestThatHolds(rivalled, noise), channels: classifier.manifest.features.channels };
}

/** The few-step vanilla arm that takes no fewer seconds, the quickest of those; none for vanilla itself. */
function rivalOf({ arm, seconds }: ArmReport, reports: readonly ArmReport[], distances: ReadonlyMap<string, readonly number[]>): ArmReport['rival'] {
  if (arm.sampling.strategy === 'vanilla') return undefined;
  const slower = reports.filter((each) => each.arm.sampling.strategy === 'vanilla' && !each.arm.rerun && each.seconds.median >= seconds.median);
  const rival = slower.sort((a, b) => a.seconds.median - b.seconds.median)[0];
  return rival && { id: rival.arm.id, coherenceDifference: pairedDifference(distances.get(arm.id)!, distances.get(rival.arm.id)!) };
}

/** Of each open picture, in the order of the subjects; none where the bundle gives no logits. */
async function likelihoodsOf(runner: OpenRunner, pictures: Pictures, subjects: readonly Subject[]): Promise<number[]> {
  const likelihoods: number[] = [];
  if (!runner.manifest.graphs.logits) return likelihoods;
  for (const [i, { kind, prompt }] of subjects.entries()) {
    if (kind === 'open') likelihoods.push(await pseudoLikelihood(runner, { prompt: runner.encode(prompt), tokens: Int32Array.from(pictures[i]!.tokens) }, i));
  }
  return likelihoods;
}

function gapErrors(runner: OpenRunner, { reference, trajectories }: EvaluateOptions) {
  const { sampling, graphs } = runner.manifest;
  if (!graphs.logits) return [];
  const { steps, guidance, temperature } = sampling;
  const list = [...reference.prompts.categories, '', ...reference.prompts.names];
  const methods = predictionMethods.filter((name) => name === 'reuse' || graphs[name === 'taylorseer' ? 'tail' : name] !== undefined);
  return forcedErrors(runner, { prompts: list.slice(0, trajectories).map((prompt) => runner.encode(prompt)), steps, guidance, temperature, gaps: GAPS.filter((gap) => gap < steps), methods });
}

/** The same subjects by every arm, one row each: names first, then open prompts. */
export async function pictureSheet(runner: OpenRunner, { arms, subjects, made }: Pick<EvaluateOptions, 'arms' | 'subjects' | 'made'>): Promise<Uint8Array> {
  const of = (kind: Subject['kind'], count: number): number[] => {
    const all = [...subjects.keys()].filter((i) => subjects[i]!.kind === kind && isFirst(subjects, i));
    return Array.from({ length: Math.min(count, all.length) }, (_, at) => all[Math.floor((at * all.length) / Math.min(count, all.length))]!);
  };
  const columns = [...of('name', 5), ...of('open', 11)];
  const rows = [];
  for (const { id, rerun } of arms) {
    if (!rerun) rows.push(await decode(runner, columns.map((i) => Int32Array.from(made.get(id)![i]!.tokens))));
  }
  return encodePicture(pictureGrid(rows), { format: 'png', background: 'opaque' });
}

/** Whether no earlier subject shows the same prompt. */
const isFirst = (subjects: readonly Subject[], i: number): boolean => subjects.findIndex(({ prompt }) => prompt === subjects[i]!.prompt) === i;
