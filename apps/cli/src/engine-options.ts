import { fileURLToPath } from 'node:url';
import { resolve } from 'node:path';
import { InvalidArgumentError, Option, type Command } from 'commander';
import type { Engine } from '@slipstream/runtime';
import type { CliContext } from './cli-context.js';

/** Options that every command which opens an engine has. */
export interface EngineOptions {
  readonly bundle: string;
  readonly threads?: number;
  readonly provider: 'cpu' | 'webgpu' | 'cuda';
}

/** The model that ships with the repository, wherever the command is called from. */
export const defaultBundle = fileURLToPath(new URL('../../../bundles/emoji', import.meta.url));

export function addEngineOptions(command: Command): Command {
  return command
    .option('--bundle <folder>', 'the model', defaultBundle)
    .option('--threads <count>', 'threads of the engine (default: one a core)', positiveCount)
    .addOption(new Option('--provider <name>', 'execution provider').choices(['cpu', 'webgpu', 'cuda']).default('cpu'));
}

/** Opens an engine for the length of `work`; it is closed whatever happens. */
export async function withEngine<T>(
  { openEngine }: Pick<CliContext, 'openEngine'>,
  { bundle, threads, provider, capacity, scorer }: EngineOptions & { capacity?: number; scorer?: string },
  work: (engine: Engine) => Promise<T>,
): Promise<T> {
  const engine = await openEngine({ bundleDir: resolve(bundle), executionProvider: provider, threads, capacity, scorerDirs: scorer === undefined ? [] : [resolve(scorer)] });
  try {
    return await work(engine);
  } finally {
    await engine.close();
  }
}

/** A number as commander hands it over; whether it makes sense is the contracts' to say. */
export function number(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('It must be a number.');
  return value;
}

export function wholeNumber(text: string): number {
  const value = number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new InvalidArgumentError('It must be a whole number from 0.');
  return value;
}

export function positiveCount(text: string): number {
  const value = wholeNumber(text);
  if (value === 0) throw new InvalidArgumentError('It must be at least 1.');
  return value;
}
