import { createHash } from 'node:crypto';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { openRunner, type Engine } from '@slipstream/runtime';
import type { CliContext } from '../cli-context.js';
import { addEngineOptions, positiveCount, withEngine, type EngineOptions } from '../engine-options.js';
import { armsOf, chosenArms, type Arm } from '../eval/arm.js';
import { evaluate, pictureSheet, type EvaluateOptions } from '../eval/evaluate.js';
import { makePictures } from '../eval/make-pictures.js';
import { loadJudges, scorersOf, startJudges } from '../eval/open-judges.js';
import { PictureLog } from '../eval/picture-log.js';
import { plotAgainstSeconds, plotGaps } from '../eval/plots.js';
import { readPictures } from '../eval/reference.js';
import { furtherScorers, markdown, plainTable, type EvalReport } from '../eval/report.js';
import { FULL, QUICK, subjectsOf, type SubjectCounts } from '../eval/subject.js';
import { timeArms, WARM_UP_ROUNDS } from '../eval/time-arms.js';
import { describeMachine } from '../machine.js';
import { makeWritableFolder, writeWhole } from '../write-whole.js';

interface EvalOptions extends EngineOptions {
  readonly out: string;
  readonly scorers: string;
  readonly scorer?: readonly string[];
  readonly seeds?: number;
  readonly arms?: string;
  readonly quick?: boolean;
  readonly json?: boolean;
}

const defaultScorers = fileURLToPath(new URL('../../../../bundles/scorers', import.meta.url));

/** `slipstream eval`: what every strategy costs and gives on this bundle, on one plot. */
export function evalCommand(context: CliContext): Command {
  const command = new Command('eval')
    .description('compare every strategy of a bundle: quality against measured seconds, errors against gaps; a killed run goes on')
    .option('--out <folder>', 'where the report and its pictures go; pictures made so far are kept there', '.slipstream/eval')
    .option('--scorers <folder>', 'folder of the scorers: one classifier and one image-text', defaultScorers)
    .option('--scorer <folders...>', 'further scorers of any kind, as of quality or reward: two columns and a plot each')
    .option('--seeds <count>', 'pictures of each prompt', positiveCount)
    .option('--arms <list>', 'only these beside vanilla and its rerun, as in shortcut-b3,anchored-b3 (default: all)')
    .option('--quick', 'within ten minutes on two cores: fewer prompts and arms')
    .option('--json', 'print the report as JSON')
    .action((options: EvalOptions) => runEval(context, options));
  return addEngineOptions(command);
}

async function runEval(context: CliContext, { scorer: further = [], ...options }: EvalOptions): Promise<void> {
  const out = resolve(options.out);
  await makeWritableFolder(out);
  const quick = options.quick ?? false;
  const counts: SubjectCounts = { ...(quick ? QUICK : FULL), ...(options.seeds && { seeds: options.seeds }) };
  const files = await loadJudges(options.scorers, further);
  const made = await withEngine(context, { ...options, capacity: 16 }, (engine) => make(context, engine, { ...options, out, quick, counts }));
  const runner = await openRunner(resolve(options.bundle), { threads: options.threads, executionProvider: options.provider });
  const judges = await startJudges(files);
  const progress = context.progress('judge', made.arms.length + 1);
  try {
    const { subjects } = made;
    const judged = await evaluate(runner, { ...made, judges, trajectories: quick ? 4 : 16, progress });
    const scorers = Object.fromEntries(scorersOf(judges).map(({ manifest, digest }) => [manifest.name, digest]));
    const kinds = { open: subjects.filter(({ kind }) => kind === 'open').length, names: subjects.filter(({ kind }) => kind === 'name').length, seeds: counts.seeds };
    const report: EvalReport = { bundle: made.bundle, scorers, machine: describeMachine(), subjects: kinds, ...judged };
    await write(out, report, await pictureSheet(runner, made));
    for (const line of options.json ? [JSON.stringify(report, null, 2)] : [...plainTable(report), `fastest that holds: ${report.fastest ?? 'none'}`, join(out, 'report.md')]) context.out(line);
  } finally {
    progress.end();
    await Promise.all([runner, ...scorersOf(judges)].map((each) => each.release()));
  }
}

type Made = Pick<EvaluateOptions, 'arms' | 'subjects' | 'made' | 'seconds' | 'reference'> & Pick<EvalReport, 'bundle'>;

/** Everything that wants the engine: the pictures of every arm, then what each arm costs. */
async function make(context: CliContext, engine: Engine, { bundle, out, quick, counts, arms: wanted }: Omit<EvalOptions, 'scorer'> & { quick: boolean; counts: SubjectCounts }): Promise<Made> {
  const reference = await readPictures(resolve(bundle), engine.manifest);
  const [arms, subjects] = [chosenArms(armsOf(engine, { quick }), wanted), subjectsOf(reference, counts)];
  const log = await PictureLog.open(out, { model: modelDigest(engine.manifest), counts, arms });
  const steps = arms.reduce((total: number, arm: Arm) => total + arm.sampling.steps, 0);
  const [making, timing] = [context.progress('make', steps * subjects.length), context.progress('time', (quick ? 5 : 15) + WARM_UP_ROUNDS)];
  try {
    const made = await makePictures(engine, { arms, subjects, log, progress: making, signal: context.signal });
    const timed = arms.filter(({ rerun }) => !rerun);
    const seconds = await timeArms(engine, { arms: timed, prompts: reference.entries.map(({ name }) => name), rounds: quick ? 5 : 15, progress: timing, signal: context.signal });
    return { arms, subjects, made, seconds, reference, bundle: { name: engine.manifest.name, digest: engine.digest } };
  } finally {
    making.end();
    timing.end();
  }
}

/** What pictures depend on: graphs, weights and tokenizer, and not what the bundle would choose by default. */
function modelDigest({ files, weights, prompt }: Engine['manifest']): string {
  const decisive = files.filter(({ path }) => path.endsWith('.onnx') || path === weights || ('tokenizer' in prompt && path === prompt.tokenizer));
  return createHash('sha256').update(decisive.map(({ path, sha256 }) => `${path} ${sha256}`).sort().join()).digest('hex');
}

async function write(out: string, report: EvalReport, sheet: Uint8Array): Promise<void> {
  await writeWhole(join(out, 'report.json'), `${JSON.stringify(report, null, 2)}\n`);
  await writeWhole(join(out, 'frechet.svg'), plotAgainstSeconds('Fréchet distance', report.arms, ({ frechet }) => frechet));
  await writeWhole(join(out, 'alignment.svg'), plotAgainstSeconds('alignment', report.arms, ({ alignment }) => alignment));
  await writeWhole(join(out, 'coherence.svg'), plotAgainstSeconds('distance to the nearest training picture', report.arms, ({ coherence }) => coherence));
  for (const name of furtherScorers(report.arms)) await writeWhole(join(out, `score-${name}.svg`), plotAgainstSeconds(name, report.arms, ({ scores }) => scores[name]!.value));
  await writeWhole(join(out, 'gaps.svg'), plotGaps('relative error of the guided features', report.gaps, ({ relativeError }) => relativeError));
  await writeWhole(join(out, 'divergence.svg'), plotGaps('divergence after guidance, nats', report.gaps, ({ divergence }) => divergence));
  await writeWhole(join(out, 'grid.png'), sheet);
  await writeWhole(join(out, 'report.md'), markdown(report));
}
