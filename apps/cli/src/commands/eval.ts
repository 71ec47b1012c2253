import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { SlipstreamError } from '@slipstream/contracts';
import type { Engine } from '@slipstream/runtime';
import type { CliContext } from '../cli-context.js';
import { addEngineOptions, positiveCount, wholeNumber, withEngine, type EngineOptions } from '../engine-options.js';
import { evaluate, evaluationUnits, type Evaluation } from '../eval/evaluate.js';
import { exhibit, type Exhibition } from '../eval/exhibition.js';
import { formatEval } from '../eval/format-eval.js';
import { readPrompts } from '../eval/prompt-list.js';
import { readReference } from '../eval/reference.js';
import { describeMachine } from '../machine.js';
import { samplingOf } from '../sampling.js';
import { addSamplingOptions, resolveSettings, type SamplingOptions } from '../sampling-options.js';
import { makeWritableFolder, writeWhole } from '../write-whole.js';

interface EvalOptions extends EngineOptions, SamplingOptions {
  readonly prompts?: string;
  readonly seed: number;
  readonly seedsPerPrompt: number;
  readonly out?: string;
  readonly json?: boolean;
}

/** `slipstream eval`: is the accelerated setting as good as the vanilla one, and better than fewer steps? */
export function evalCommand(context: CliContext): Command {
  const command = new Command('eval')
    .description(
      'measure the quality of a bundle: accelerated against vanilla, against its noise and against few steps',
    )
    .option('--prompts <file>', 'one prompt a line (default: those of the bundle)')
    .option('--seed <number>', 'first seed', wholeNumber, 1)
    .option('--seeds-per-prompt <count>', 'pictures of each open prompt', positiveCount, 16)
    .option('--out <folder>', 'also write the figures and a grid of pictures there')
    .option('--json', 'print JSON')
    .action((options: EvalOptions) => runEval(context, options));
  return addEngineOptions(addSamplingOptions(command));
}

async function runEval(context: CliContext, options: EvalOptions): Promise<void> {
  if (options.out !== undefined) await makeWritableFolder(resolve(options.out));
  await withEngine(context, { ...options, capacity: 16 }, async (engine) => {
    const evaluation = await judge(context, engine, options);
    const report = reportOf(engine, evaluation, options);
    if (options.out !== undefined) await writeOut(resolve(options.out), report, await exhibit(evaluation.exhibits));
    for (const line of options.json ? [JSON.stringify(report, null, 2)] : formatEval(evaluation)) context.out(line);
  });
}

async function judge(context: CliContext, engine: Engine, options: EvalOptions): Promise<Evaluation> {
  const reference = await readReference(resolve(options.bundle), engine.manifest);
  const prompts = await readPrompts(options.prompts, reference);
  checkSeeds(options);
  const { steps, guidance, temperature } = options;
  const anyPrompt = { prompt: 'any' };
  const plan = {
    reference,
    prompts,
    seed: options.seed,
    seedsPerPrompt: options.seedsPerPrompt,
    vanilla: samplingOf(resolveSettings(engine, anyPrompt, { strategy: 'vanilla', steps, guidance, temperature })),
    accelerated: samplingOf(resolveSettings(engine, anyPrompt, options)),
    signal: context.signal,
  };
  const progress = context.progress('eval', evaluationUnits(plan));
  try {
    return await evaluate(engine, { ...plan, progress });
  } finally {
    progress.end();
  }
}

/** The last picture's seed must still be a seed. */
function checkSeeds({ seed, seedsPerPrompt }: EvalOptions): void {
  const most = Number.MAX_SAFE_INTEGER - Math.max(1_000_000, 2 * seedsPerPrompt);
  if (seed <= most) return;
  throw new SlipstreamError('invalid_request', `--seed ${seed} leaves no room for the seeds after it`, {
    remedy: `use at most ${most}`,
  });
}

function reportOf(engine: Engine, { exhibits: _pictures, ...evaluation }: Evaluation, options: EvalOptions) {
  return {
    machine: { ...describeMachine(), provider: options.provider },
    bundle: { name: engine.manifest.name, digest: engine.digest },
    seed: options.seed,
    prompts: options.prompts ?? "the bundle's own",
    ...evaluation,
  };
}

async function writeOut(folder: string, report: object, { png, columns, prompts }: Exhibition): Promise<void> {
  const grid = { file: 'grid.png', rows: 'vanilla above accelerated, same seeds', columns, prompts };
  await writeWhole(join(folder, 'grid.png'), png);
  await writeWhole(join(folder, 'eval.json'), `${JSON.stringify({ ...report, grid }, null, 2)}\n`);
}
