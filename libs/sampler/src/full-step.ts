import type { Features } from './model-runner.js';
import type { Progress } from './progress.js';
import type { Course } from './strategy.js';
import type { SamplingChoice } from './turn.js';

interface FullStepOptions {
  /** True when a later step needs the features of every branch. Default true. */
  readonly keep?: boolean;
  readonly sampling?: SamplingChoice;
}

/**
 * One full step with the savings that change no bit: a branch whose guidance is zero and whose features nobody needs is
 * left out, and the first step's branches are taken from memory where their prompt was seen (paper section 3's features
 * depend on prompt and tokens alone, and all tokens are masked). Ends with the features of the branches that took part.
 */
export function* fullStep(row: Progress, { keep = true, sampling = {} }: FullStepOptions = {}): Course<Features> {
  const guidance = sampling.guidance ?? row.scheduled.guidance;
  const prompts = keep || guidance !== 0 ? row.prompts : row.prompts.slice(0, 1);
  const first = row.step === 0;
  const known = prompts.map((prompt) => (first ? row.firstSteps.get(prompt) : undefined));
  if (known.every((features) => features === undefined)) {
    const features = (yield { kind: 'full', prompts, sampling }).features!;
    if (first) learn(row, prompts, features);
    return features;
  }
  const unknown = prompts.filter((_, branch) => known[branch] === undefined);
  row.remember(prompts.length - unknown.length);
  const enough = guidance === 0 && known[0] === undefined; // the conditional branch alone decides this step
  if (unknown.length > 0) {
    const features = (yield { kind: 'full', prompts: unknown, sampling, reveals: enough }).features!;
    learn(row, unknown, features);
    known[prompts.indexOf(unknown[0]!)] = features;
  }
  const features = join(known as Features[]);
  if (!enough) yield { kind: 'head', features, sampling };
  return features;
}

function learn({ firstSteps }: Progress, prompts: readonly Int32Array[], features: Features): void {
  const size = features.length / prompts.length;
  prompts.forEach((prompt, branch) => firstSteps.set(prompt, features.slice(branch * size, (branch + 1) * size)));
}

function join(branches: readonly Features[]): Features {
  if (branches.length === 1) return branches[0]!;
  const joined = new Float32Array(branches.length * branches[0]!.length);
  branches.forEach((features, branch) => joined.set(features, branch * features.length));
  return joined;
}
