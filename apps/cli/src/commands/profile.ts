import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { samplingOf, strategyTable, type Sampling, type StrategyName } from '@slipstream/contracts';
import type { Engine } from '@slipstream/runtime';
import { Command } from 'commander';
import type { CliContext } from '../cli-context.js';
import { addEngineOptions, positiveCount, withEngine, type EngineOptions } from '../engine-options.js';
import { readReference } from '../eval/reference.js';
import { describeMachine } from '../machine.js';
import { floorsOf } from '../profile/floors.js';
import { formatProfile } from '../profile/format-profile.js';
import { measurePictures, measureRemembered, measureStrategies, pictureOf, type ProfileOptions } from '../profile/measure-profile.js';
import type { ProfileReport } from '../profile/profile-report.js';
import { resolveSettings, type SamplingOptions } from '../sampling-options.js';
import { checkWritableFile, writeWhole } from '../write-whole.js';

interface ProfileCommandOptions extends EngineOptions {
  readonly steps: number;
  readonly budget: number;
  readonly strategy?: string;
  readonly repetitions: number;
  readonly strategySteps: number;
  readonly remember?: boolean;
  readonly out?: string;
}

/** `slipstream profile`: what a model costs whose full step takes seconds. */
export function profileCommand(context: CliContext): Command {
  const command = new Command('profile')
    .description('measure a large model one picture at a time: steps, pictures, engine, memory, floors, every strategy')
    .option('--steps <count>', 'steps a picture', positiveCount, 32)
    .option('--budget <count>', 'full steps of the accelerated one', positiveCount, 8)
    .option('--strategy <name>', "that one's strategy (default: the bundle's)")
    .option('--repetitions <count>', 'pictures of each', positiveCount, 1)
    .option('--strategy-steps <count>', 'steps of the short picture by every strategy, a quarter of them full', positiveCount, 8)
    .option('--remember', 'measure pictures again whose first step is remembered, as a service has it of a prompt that it met before')
    .option('--out <file>', 'write the report as JSON too')
    .action(async (options: ProfileCommandOptions) => {
      if (options.out) await checkWritableFile(resolve(options.out));
      const { manifest, measured } = await withEngine(context, { ...options, capacity: 1 }, async (engine) => ({ manifest: engine.manifest, measured: await profile(context, { engine, options }) }));
      const speed = await context.measureMachine(options.threads); // last: what it takes is not the engine's
      const machine = { ...describeMachine(), ...speed, threads: options.threads ?? availableParallelism() };
      const report: ProfileReport = { machine, ...measured, floors: floorsOf(manifest, speed, measured.steps) };
      if (options.out) await writeWhole(resolve(options.out), `${JSON.stringify(report, null, 2)}\n`);
      for (const line of formatProfile(report)) context.out(line);
    });
  return addEngineOptions(command);
}

async function profile(context: CliContext, { engine, options }: { engine: Engine; options: ProfileCommandOptions }): Promise<Omit<ProfileReport, 'machine' | 'floors'>> {
  const { manifest } = engine;
  const prompt = (await readReference(resolve(options.bundle), manifest)).prompts.names[0]!;
  const sampling = (acceleration: SamplingOptions): Sampling => samplingOf(resolveSettings(engine, { prompt }, acceleration));
  const { steps, budget, strategy = manifest.sampling.strategy, strategySteps } = options;
  const chosen: ProfileOptions = { prompt, vanilla: sampling({ strategy: 'vanilla', steps }), accelerated: sampling({ strategy, steps, budget }), repetitions: options.repetitions, signal: context.signal };
  const short = new Map(manifest.strategies.map((name): [StrategyName, Sampling] => [name, shortOf(name, { steps: strategySteps, sampling })]));
  const picture = pictureOf(engine, { ...chosen, cache: 'off' });
  const stopWatching = watch(context, { engine, fullSteps: options.repetitions * (steps + budget) * (options.remember ? 2 : 1) + short.size * strategySteps });
  try {
    const measured = await measurePictures(picture, chosen);
    const peakBytes = context.peakMemoryBytes();
    const remembered = options.remember && (await measureRemembered(pictureOf(engine, { ...chosen, cache: 'on' }), { ...chosen, first: shortOf(chosen.accelerated.strategy, { steps: 2, sampling }) }, measured.steps));
    const strategies = await measureStrategies(picture, short);
    const weightBytes = manifest.files.find(({ path }) => path === manifest.weights)?.bytes ?? 0;
    return {
      bundle: { name: manifest.name, digest: engine.digest, weightBytes },
      configuration: chosen,
      ...measured,
      ...(remembered && { remembered }),
      memory: { peakBytes, aboveWeightsBytes: peakBytes - weightBytes, aboveWeightsOfAllBytes: context.peakMemoryBytes() - weightBytes },
      strategies,
    };
  } finally {
    stopWatching();
  }
}

/** A short picture's settings: a quarter of the steps full where a strategy has a budget. */
function shortOf(strategy: StrategyName, { steps, sampling }: { steps: number; sampling: (acceleration: SamplingOptions) => Sampling }): Sampling {
  const { budget, oneStep } = strategyTable[strategy];
  return sampling({ strategy, ...(oneStep ? {} : { steps }), ...(budget && { budget: Math.ceil(steps / 4) }) });
}

/** Shows how many full steps are left, and after the first about how long they take; the result ends it. */
function watch({ note, progress }: CliContext, { engine, fullSteps }: { engine: Engine; fullSteps: number }): () => void {
  const shown = progress('profile', fullSteps);
  let told = false;
  const stopListening = engine.on(({ kind, seconds }) => {
    if (kind !== 'full' && kind !== 'partial') return;
    if (!told) note(`profile: at most ${fullSteps} full steps of ${seconds.toFixed(1)} s, ${Math.ceil((fullSteps * seconds) / 60)} minutes`);
    told = true;
    shown.advance(1);
  });
  return () => {
    stopListening();
    shown.end();
  };
}
