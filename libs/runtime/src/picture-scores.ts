import { SlipstreamError } from '@slipstream/contracts';
import type { PictureScore, Scorer, ScorerFiles } from './scorer.js';
import { referenceOf, type ScorerReference } from './scorer-reference.js';

/** A picture as it left the engine, and what it was to show. */
export interface PromptedPicture {
  /** (height, width, 4): RGBA with straight alpha. */
  readonly pixels: Uint8Array;
  readonly prompt: string;
}

/** What one scorer says of one picture. */
export interface Score {
  /** The scorer's name. */
  readonly scorer: string;
  /**
   * More is better, in points of 100: 100 × cosine of picture and prompt, a classifier's sureness of its first label, the
   * score of a quality scorer; 100 × the reward, which may be below 0 or above 100.
   */
  readonly value: number;
  /** In the scorer's feature space, (channels). */
  readonly features: Float32Array;
}

/** A scorer beside the engine's bundle, and what its features are held against. */
export interface LoadedScorer {
  readonly name: string;
  /** `scorer` is the sha256 of its image graph, hex. */
  readonly space: { readonly scorer: string; readonly channels: number };
  readonly reference?: ScorerReference;
}

/** What is known of a scorer without running it. */
export function describeScorer(files: ScorerFiles): LoadedScorer {
  const { name, features, graphs, files: entries } = files.manifest;
  const scorer = entries.find(({ path }) => path === graphs.image.file)!.sha256;
  const reference = referenceOf(files);
  return { name, space: { scorer, channels: features.channels }, ...(reference && { reference }) };
}

/** A score of each scorer, in their order. Rejects with `bundle_invalid` naming the scorer whose answer is not finite. */
export function scorePicture(scorers: readonly Scorer[], picture: PromptedPicture & { readonly width: number; readonly height: number }): Promise<Score[]> {
  return Promise.all(scorers.map((scorer) => scoreBy(scorer, picture)));
}

async function scoreBy(scorer: Scorer, picture: PromptedPicture & { readonly width: number; readonly height: number }): Promise<Score> {
  const { name } = scorer.manifest;
  const [answer] = await scorer.image([picture]);
  const { features } = answer!;
  const value = await valueOf(scorer, answer!, picture.prompt);
  if (Number.isFinite(value) && features.every(Number.isFinite)) return { scorer: name, value, features };
  throw new SlipstreamError('bundle_invalid', `the scorer ${name} gave a score that is not a finite number`, { param: name, remedy: 'take the scorer away or export it again' });
}

async function valueOf(scorer: Scorer, seen: PictureScore, prompt: string): Promise<number> {
  switch (scorer.manifest.kind) {
    case 'classifier':
      return 100 * sureness(seen.logits);
    case 'image-text':
      return 100 * dot(seen.embedding!, (await scorer.text([prompt]))[0]!);
    case 'quality':
      return seen.quality!;
    case 'reward':
      return 100 * (await scorer.reward(seen, prompt));
  }
}

const dot = (a: Float32Array, b: Float32Array): number => a.reduce((total, value, i) => total + value * b[i]!, 0);

/** Probability of the most probable label; 0 without labels. */
function sureness(logits: Float32Array | undefined): number {
  if (logits === undefined) return 0;
  const largest = logits.reduce((most, value) => Math.max(most, value), -Infinity);
  return 1 / logits.reduce((total, value) => total + Math.exp(value - largest), 0);
}
