import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { samplingOf, type DatasetPlan } from '@slipstream/contracts';
import { layOut, sampleCount, samplesOf, type PromptSource, type Sample } from '@slipstream/datasets';
import type { Engine } from '@slipstream/runtime';
import { FolderObjectStore } from '@slipstream/storage';
import type { CliContext } from '../cli-context.js';
import { sampleMany } from '../sample-many.js';
import { batchesAhead, makeDataset } from './make-dataset.js';

/** One way of making all pictures of a plan. */
export interface Lap {
  readonly picturesPerSecond: number;
  /** What the thread beside the engine was busy for, per picture. */
  readonly busyMs: number;
}

/** The same pictures by the bare engine, neither encoded nor kept, and as a data set on disk, one after the other. */
export interface Round {
  readonly bare: Lap;
  readonly dataset: Lap;
  /** Of pictures per second, data set to bare engine. */
  readonly ratio: number;
}

export interface BenchDatasetParts {
  readonly engine: Engine;
  readonly plan: DatasetPlan;
  readonly source: PromptSource;
  readonly rounds: number;
}

/** Rounds after one to warm up; which goes first alternates, so that a machine that slows down slows both. */
export async function benchDataset(context: CliContext, { engine, plan, source, rounds }: BenchDatasetParts): Promise<Round[]> {
  const quiet: CliContext = { ...context, progress: () => ({ advance: () => undefined, end: () => undefined }) };
  const samples = await allSamples(plan, source);
  const progress = context.progress('dataset bench', 2 * (rounds + 1));
  const bare = () => lap(samples.length, () => makeBare(engine, plan, samples, context.signal)).finally(() => progress.advance(1));
  const dataset = () => inFolder((folder) => lap(samples.length, () => makeThere(quiet, { engine, plan, source, folder }))).finally(() => progress.advance(1));
  const measured: Round[] = [];
  try {
    await bare();
    await dataset();
    for (let round = 0; round < rounds; round += 1) {
      const first = round % 2 === 0 ? await bare() : undefined;
      const made = await dataset();
      const base = first ?? (await bare());
      measured.push({ bare: base, dataset: made, ratio: made.picturesPerSecond / base.picturesPerSecond });
    }
  } finally {
    progress.end();
  }
  return measured;
}

async function lap(pictures: number, work: () => Promise<unknown>): Promise<Lap> {
  const before = performance.eventLoopUtilization();
  const startedMs = performance.now();
  await work();
  const { active } = performance.eventLoopUtilization(before);
  return { picturesPerSecond: (pictures * 1000) / (performance.now() - startedMs), busyMs: active / pictures };
}

async function makeBare(engine: Engine, { settings }: DatasetPlan, samples: readonly Sample[], signal: AbortSignal): Promise<void> {
  const requests = samples.map(({ prompt, seed }) => ({ prompt, seed, ...samplingOf(settings) }));
  await sampleMany(engine, requests, { signal, inFlight: batchesAhead * engine.capacity });
}

async function makeThere(context: CliContext, { engine, plan, source, folder }: Omit<BenchDatasetParts, 'rounds'> & { folder: string }): Promise<void> {
  const store = new FolderObjectStore({ directory: folder });
  await layOut(plan, source, { store });
  await makeDataset(context, { engine, plan, store, folder });
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'slipstream-bench-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function allSamples(plan: DatasetPlan, source: PromptSource): Promise<Sample[]> {
  const rows = [];
  for await (const row of source.rows()) rows.push(row);
  const whole = { ...plan, shards: 1 };
  return samplesOf(whole, 0, rows).filter(({ fault }) => fault === undefined).slice(0, sampleCount(plan));
}
