import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Option, type Command } from 'commander';
import { samplingOf, SlipstreamError, type DatasetFilters, type DatasetPlan } from '@slipstream/contracts';
import { filePrompts, planDataset, templatePrompts, type Planned, type PromptSource } from '@slipstream/datasets';
import type { Engine } from '@slipstream/runtime';
import { addEngineOptions, number, positiveCount, wholeNumber, type EngineOptions } from '../engine-options.js';
import { addSamplingOptions, resolveSettings, type SamplingOptions } from '../sampling-options.js';

/** What a data set is to be. */
export interface DatasetOptions extends EngineOptions, SamplingOptions {
  readonly capacity: number;
  readonly prompts?: string;
  readonly template?: string;
  readonly list?: readonly string[];
  readonly name: string;
  readonly pictures: number;
  readonly seed: number;
  readonly shardSize: number;
  readonly format: 'png' | 'jpeg' | 'webp';
  readonly compression: number;
  readonly background: 'auto' | 'transparent' | 'opaque';
  readonly minScore?: number;
  readonly scorer?: string;
  readonly dropDuplicates?: boolean;
  readonly nearDuplicates?: number;
}

export function addDatasetOptions(command: Command): Command {
  command
    .option('--prompts <file>', 'prompts: .jsonl, .csv or .parquet, with "prompt" and perhaps "seed"')
    .option('--template <text>', 'prompts of all combinations, as in "a {colour} {thing}"; needs a --list for each')
    .option('--list <name=values>', 'values of a template, as in colour=red,blue, or colour=@file with one a line', collect)
    .option('--name <name>', 'of the data set and its files', 'dataset')
    .option('--pictures <count>', 'pictures of each prompt', positiveCount, 1)
    .option('--seed <number>', 'decides the seeds of all prompts that bring none', wholeNumber, 0)
    .option('--shard-size <count>', 'most samples of a shard', positiveCount, 1000)
    .addOption(new Option('--format <name>', 'of the pictures').choices(['png', 'jpeg', 'webp']).default('png'))
    .option('--compression <number>', 'quality of jpeg and webp, 0 to 100', number, 90)
    .addOption(new Option('--background <kind>').choices(['auto', 'transparent', 'opaque']).default('auto'))
    .option('--capacity <rows>', 'pictures in the making at once', positiveCount, 16);
  return addEngineOptions(addSamplingOptions(addFilterOptions(command)));
}

function addFilterOptions(command: Command): Command {
  return command
    .option('--min-score <points>', 'leave out pictures of a lower score; needs --scorer', number)
    .option('--scorer <folder>', 'a scorer, as bundles/scorers/emoji-text')
    .option('--drop-duplicates', 'leave out pictures whose pixels their shard has already')
    .option('--near-duplicates <bits>', 'leave out pictures whose 64-bit difference hash is at most so far from one of their shard', wholeNumber);
}

const collect = (text: string, before: readonly string[] = []): readonly string[] => [...before, text];

/** The prompts that the options name. Throws `invalid_request` naming the option that is wrong. */
export async function promptsOf({ prompts, template, list = [] }: DatasetOptions): Promise<PromptSource> {
  if ((prompts === undefined) === (template === undefined)) throw wrong('--prompts or --template is needed, and not both', { param: '--prompts', remedy: 'name a file of prompts, or give a template and its lists' });
  if (prompts !== undefined) return filePrompts(resolve(prompts));
  return templatePrompts(template!, Object.fromEntries(await Promise.all(list.map(readList))));
}

async function readList(text: string): Promise<[string, string[]]> {
  const [, name, values] = /^([a-z_][a-z0-9_]*)=(.+)$/is.exec(text) ?? [];
  if (name === undefined || values === undefined) throw wrong(`--list ${text.slice(0, 80)} is not name=values`, { param: '--list', remedy: 'write it as in colour=red,blue' });
  if (!values.startsWith('@')) return [name, values.split(',')];
  const lines = await readFile(resolve(values.slice(1)), 'utf8').catch((cause: unknown) => {
    throw wrong(`the file of --list ${name} cannot be read`, { param: '--list', remedy: 'name a file with one value a line', cause });
  });
  return [name, lines.split('\n').map((line) => line.trim()).filter((line) => line !== '')];
}

/** The plan that the options and an engine's bundle make. Throws `invalid_request` naming the option that is wrong. */
export async function planOf(options: DatasetOptions, { engine, source }: { engine: Engine; source: PromptSource }): Promise<Planned> {
  const { name, pictures: picturesPerPrompt, seed, shardSize } = options;
  return planDataset(source, {
    name, picturesPerPrompt, seed, shardSize,
    bundle: { name: engine.manifest.name, digest: engine.digest },
    settings: settingsOf(engine, options),
    filters: filtersOf(engine, options),
  });
}

function settingsOf(engine: Engine, options: DatasetOptions): DatasetPlan['settings'] {
  const prompt = 'classes' in engine.manifest.prompt ? '0' : 'any'; // each row's own is looked at when its turn comes
  const request = { prompt, seed: 0, output_format: options.format, output_compression: options.compression, background: options.background };
  const settings = resolveSettings(engine, request, options);
  const { outputFormat, outputCompression, background } = settings;
  return { ...samplingOf(settings), outputFormat, outputCompression, background };
}

function filtersOf({ scorers: [scorer] }: Engine, { minScore, dropDuplicates = false, nearDuplicates }: DatasetOptions): DatasetFilters {
  if (minScore !== undefined && !scorer) throw wrong('--min-score needs a scorer', { param: '--scorer', remedy: 'name the folder of one, as bundles/scorers/emoji-text' });
  if (nearDuplicates !== undefined && nearDuplicates > 16) throw wrong('--near-duplicates is more than 16 of 64 bits: pictures that share nothing would match', { param: '--near-duplicates', remedy: 'use 0 to 16' });
  return { exactDuplicates: dropDuplicates, ...(minScore !== undefined && { minScore: { scorer: scorer!.name, value: minScore } }), ...(nearDuplicates !== undefined && { nearDuplicates }) };
}

const wrong = (message: string, options: { param: string; remedy: string; cause?: unknown }): SlipstreamError => new SlipstreamError('invalid_request', message, options);
