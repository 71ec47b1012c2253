import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { SlipstreamError } from '@slipstream/contracts';
import { loadScorer, startScorer, type Scorer, type ScorerFiles } from '@slipstream/runtime';
import type { Judges } from './judge.js';

/** What the judges are started from, once the engine has left ONNX Runtime to this thread. */
export interface JudgeFiles {
  readonly classifier: ScorerFiles;
  readonly imageText: ScorerFiles;
  readonly further: readonly ScorerFiles[];
}

/** The files of the shipped pair, or of a user's own, and of further ones. Throws `configuration_invalid` naming --scorers when one of both kinds is missing, --scorer when two have one name. */
export async function loadJudges(folder: string, further: readonly string[]): Promise<JudgeFiles> {
  const names = (await readdir(resolve(folder)).catch(() => [])).sort();
  const found = await Promise.all(names.map((name) => loadScorer(join(resolve(folder), name))));
  const [classifier, imageText] = (['classifier', 'image-text'] as const).map((kind) => found.find(({ manifest }) => manifest.kind === kind));
  if (!classifier?.manifest.labels || !classifier.manifest.reference || !imageText) {
    throw new SlipstreamError('configuration_invalid', `--scorers ${folder} must hold a classifier with labels and reference pictures, and an image-text scorer`, { param: '--scorers', remedy: 'name a folder with both' });
  }
  const files = { classifier, imageText, further: await Promise.all(further.map((each) => loadScorer(resolve(each)))) };
  requireDistinct([classifier, imageText, ...files.further].map(({ manifest }) => manifest.name));
  return files;
}

function requireDistinct(names: readonly string[]): void {
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice) throw new SlipstreamError('configuration_invalid', `--scorer: two scorers are called ${twice}`, { param: '--scorer', remedy: 'give each of them once' });
}

/** In this thread, which owns ONNX Runtime. */
export async function startJudges({ classifier, imageText, further }: JudgeFiles): Promise<Judges> {
  return { classifier: await startScorer(classifier), imageText: await startScorer(imageText), further: await Promise.all(further.map((each) => startScorer(each))) };
}

export const scorersOf = ({ classifier, imageText, further }: Judges): Scorer[] => [classifier, imageText, ...further];
