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
 * left out, and branches are recalled where the same prompt met the same tokens before (paper section 3's features depend
 * on nothing else). Ends with the features of the branches that took part.
 */
export function* fullStep(row: Progress, { keep = true, sampling = {} }: FullStepOptions = {}): Course<Features> {
  const { anchors } = row;
  const guidance = sampling.guidance ?? row.scheduled.guidance;
  const prompts = keep || guidance !== 0 ? row.prompts : row.prompts.slice(0, 1);
  if (!anchors) return (yield { kind: 'full', prompts, sampling }).features!;
  const names = prompts.map((prompt) => anchors.nameOf(prompt, row.tokens)); // a run changes the tokens
  const known = [...(yield { kind: 'recall', names }).recalled!];
  const unknown = prompts.map((_, branch) => branch).filter((branch) => known[branch] === undefined);
  const reveals = unknown.length === prompts.length || (guidance === 0 && unknown[0] === 0); // the conditional branch alone decides an unguided step
  if (unknown.length > 0) {
    const { features } = yield { kind: 'full', prompts: unknown.map((branch) => prompts[branch]!), sampling, reveals };
    split(features!, unknown.length).forEach((part, i) => anchors.set(names[unknown[i]!]!, (known[unknown[i]!] = part)));
    if (unknown.length === prompts.length) return features!;
  }
  const features = join(known as Features[]);
  if (!reveals) yield { kind: 'head', features, sampling, recalled: unknown.length === 0 };
  return features;
}

/** Branches as memory of their own: what a run gave is a view into the whole batch. */
function split(features: Features, count: number): Features[] {
  const size = features.length / count;
  return Array.from({ length: count }, (_, branch) => features.slice(branch * size, (branch + 1) * size));
}

function join(branches: readonly Features[]): Features {
  if (branches.length === 1) return branches[0]!;
  const joined = new Float32Array(branches.length * branches[0]!.length);
  branches.forEach((features, branch) => joined.set(features, branch * features.length));
  return joined;
}
