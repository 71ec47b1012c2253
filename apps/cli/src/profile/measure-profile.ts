import type { Sampling, StrategyName } from '@slipstream/contracts';
import { spread, type Spread } from '@slipstream/quality';
import type { Engine, StepReport } from '@slipstream/runtime';
import { timed, type Timing } from '../bench/timing.js';
import type { PictureFigures, ProfileReport, StrategyFigure } from './profile-report.js';

export interface ProfileOptions {
  readonly prompt: string;
  readonly vanilla: Sampling;
  readonly accelerated: Sampling;
  readonly repetitions: number;
  readonly signal?: AbortSignal;
}

export type Picture = (sampling: Sampling) => Promise<Timing>;

/** One picture at a time, each of a seed of its own; with `cache` off no full step is remembered. */
export function pictureOf(engine: Engine, { prompt, cache, signal }: Pick<ProfileOptions, 'prompt' | 'signal'> & { cache: 'on' | 'off' }): Picture {
  let seed = 0;
  return (sampling) => timed(engine, [{ prompt, ...sampling, seed: (seed += 1), cache }], signal);
}

/** Pictures of both settings, and what their runs tell of steps and engine. */
export async function measurePictures(picture: Picture, options: ProfileOptions): Promise<Pick<ProfileReport, 'steps' | 'pictures' | 'engine'>> {
  const timings = await inTurn(picture, options);
  const all = timings.flat();
  const steps = stepsOf(all.flatMap(({ reports }) => reports));
  return { steps, pictures: picturesOf(timings, options, steps), engine: engineOf(all, steps) };
}

/** Pictures of both settings where `first` has met the prompt before: of neither is the first step computed. */
export async function measureRemembered(picture: Picture, { first, ...options }: ProfileOptions & { first: Sampling }, steps: ProfileReport['steps']): Promise<PictureFigures> {
  const { vanilla, accelerated } = options;
  await picture(first);
  const timings = await inTurn(picture, options);
  return picturesOf(timings, { vanilla: { steps: vanilla.steps - 1 }, accelerated: { budget: accelerated.budget - 1 } }, steps);
}

/** Vanilla and accelerated pictures in turn. */
async function inTurn(picture: Picture, { vanilla, accelerated, repetitions }: ProfileOptions): Promise<[Timing[], Timing[]]> {
  const [slow, fast]: [Timing[], Timing[]] = [[], []];
  for (let i = 0; i < repetitions; i += 1) {
    fast.push(await picture(accelerated));
    slow.push(await picture(vanilla));
  }
  return [slow, fast];
}

function stepsOf(reports: readonly StepReport[]): ProfileReport['steps'] {
  const seconds = (...kinds: StepReport['kind'][]): number[] =>
    reports.filter(({ kind, shape }) => kinds.includes(kind) && shape.branches !== 1).map((report) => report.seconds / report.rows);
  const full = spread(seconds('full'));
  const predicted = seconds('shortcut', 'anchored', 'tail');
  const shortcut = predicted.length > 0 ? spread(predicted) : full; // a strategy without such steps has none to time
  return { full, shortcut, decode: spread(seconds('decode')), ratio: full.median / shortcut.median };
}

function picturesOf(timings: readonly [readonly Timing[], readonly Timing[]], { vanilla, accelerated }: { vanilla: { steps: number }; accelerated: { budget: number } }, { full, decode }: ProfileReport['steps']): PictureFigures {
  const [slow, fast] = [0, 1].map((i) => spread(timings[i]!.map(({ seconds }) => seconds))) as [Spread, Spread];
  const [slowLeft, fastLeft] = [0, 1].map((i) => spread(timings[i]!.map(withoutDecode)).median) as [number, number];
  const least = (fullSteps: number): number => fullSteps * full.median + decode.median;
  return {
    vanilla: slow,
    accelerated: fast,
    ratio: slow.median / fast.median,
    limit: least(vanilla.steps) / least(accelerated.budget),
    untilDecode: { ratio: slowLeft / fastLeft, limit: vanilla.steps / accelerated.budget },
  };
}

const withoutDecode = ({ seconds, reports }: Timing): number => reports.reduce((left, report) => left - (report.kind === 'decode' ? report.seconds : 0), seconds);

function engineOf(timings: readonly Timing[], { full, shortcut, decode }: ProfileReport['steps']): ProfileReport['engine'] {
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  const wall = sum(timings.map(({ seconds }) => seconds));
  const results = timings.flatMap((timing) => timing.results);
  const predicted = sum(results.map(({ fullSteps, shortcutSteps }) => fullSteps * full.median + shortcutSteps * shortcut.median + decode.median));
  const inside = sum(timings.flatMap(({ reports }) => reports.map(({ seconds }) => seconds)));
  return { efficiency: predicted / wall, outsideOnnxShare: 1 - inside / wall };
}

/** One short picture by each strategy. */
export async function measureStrategies(picture: Picture, samplings: ReadonlyMap<StrategyName, Sampling>): Promise<StrategyFigure[]> {
  const figures: StrategyFigure[] = [];
  for (const [strategy, sampling] of samplings) {
    const { seconds, results: [result] } = await picture(sampling);
    const { fullSteps, shortcutSteps, partialSteps } = result!;
    figures.push({ strategy, steps: sampling.steps, seconds, fullSteps, shortcutSteps, partialSteps });
  }
  return figures;
}
