import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { repositoryRoot, startProcess, virtualEnvironment, waitForExit, type Exit, type RunningProcess } from '../harness/index.js';

/** `slipstream dataset …` as a process of its own. */
export function dataset(...args: string[]): RunningProcess {
  return startProcess({ name: 'slipstream dataset', command: process.execPath, args: ['apps/cli/bin/slipstream.js', 'dataset', ...args], cwd: repositoryRoot });
}

export async function datasetToEnd(...args: string[]): Promise<Exit & { said: string }> {
  const running = dataset(...args);
  const exit = await waitForExit(running, 120_000);
  return { ...exit, said: running.output() };
}

/** sha256 of every file of a data set, by name; the notes of its runs are no part of it. */
export async function digests(folder: string): Promise<Record<string, string>> {
  const names = (await readdir(folder)).filter((name) => name !== 'status.json').sort();
  return Object.fromEntries(await Promise.all(names.map(async (name) => [name, createHash('sha256').update(await readFile(join(folder, name))).digest('hex')])));
}

export interface ReadBack {
  readonly samples: readonly { readonly key: string; readonly prompt: string; readonly sha256: string; readonly about: Record<string, unknown> }[];
  readonly rows: readonly Record<string, string | number | null>[];
  /** Arrow types by column. */
  readonly schema: Record<string, string>;
}

/** A Python that has webdataset and pyarrow. */
export async function pythonOfDatasets(): Promise<string> {
  return (await virtualEnvironment('webdataset-1.0.2-pyarrow-26.0.1', ['webdataset==1.0.2', 'pyarrow==26.0.1']))('python');
}

/** What Python's webdataset and pyarrow see of a data set in a folder. */
export async function readBack(folder: string, name: string): Promise<ReadBack> {
  const reading = startProcess({ name: 'read-back.py', command: await pythonOfDatasets(), args: [join(repositoryRoot, 'tests/src/datasets/read-back.py'), folder, name] });
  const { code } = await waitForExit(reading, 120_000);
  if (code !== 0) throw new Error(reading.output());
  return JSON.parse(reading.output().split('\n').findLast((line) => line.startsWith('{'))!) as ReadBack;
}
