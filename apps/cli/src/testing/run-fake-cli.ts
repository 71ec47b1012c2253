import type { Engine, StepMeasure } from '@slipstream/runtime';
import type { CliContext } from '../cli-context.js';
import { runCli } from '../program.js';
import { fakeEngine } from './fake-engine.js';

export interface CliRun {
  readonly code: number;
  readonly out: string;
  /** Lines for the person watching. */
  readonly notes: readonly string[];
}

/** Runs a command line against an engine without a model. */
export async function runFakeCli(
  args: readonly string[],
  overrides: { engine?: Engine; signal?: AbortSignal; measures?: readonly StepMeasure[] } = {},
): Promise<CliRun> {
  const out: string[] = [];
  const notes: string[] = [];
  const context: CliContext = {
    out: (line) => out.push(line),
    note: (line) => notes.push(line),
    progress: () => ({ advance: () => undefined, end: () => undefined }),
    openEngine: async () => overrides.engine ?? fakeEngine(),
    measureMachine: async () => ({ operationsPerSecond: 1e11, bytesPerSecond: 1e10 }),
    measureSteps: async (_bundleDir, _options, hear) => overrides.measures?.forEach((measure) => hear(measure)),
    peakMemoryBytes: () => 3e9,
    signal: overrides.signal ?? new AbortController().signal,
  };
  return { code: await runCli(args, context), out: out.join('\n'), notes };
}
