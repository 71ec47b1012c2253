import { scorePicture, type OpenRunner, type Scorer } from '@slipstream/runtime';
import type { Row } from '@slipstream/sampler';
import type { Pictures } from './make-pictures.js';
import type { Subject } from './subject.js';

/** The scorers of an evaluation. */
export interface Judges {
  /** With labels and a reference. */
  readonly classifier: Scorer;
  readonly imageText: Scorer;
  /** Of any kind, each with a column of its own. */
  readonly further: readonly Scorer[];
}

/** What the judges say of one picture. */
export interface Judged {
  /** Of the classifier, (channels). */
  readonly features: Float32Array;
  /** Its label of the largest logit. */
  readonly label: string;
  /** Of the image–text scorer, length 1. */
  readonly embedding: Float32Array;
  /** Of the further scorers, in points of 100. */
  readonly scores: readonly number[];
}

const ROWS_PER_RUN = 16;

/** Decodes an arm's pictures, made of the subjects, and has them judged, in order. */
export async function judge(runner: OpenRunner, { classifier, imageText, further }: Judges, pictures: Pictures, subjects: readonly Subject[]): Promise<Judged[]> {
  const judged: Judged[] = [];
  for (let i = 0; i < pictures.length; i += ROWS_PER_RUN) {
    const decoded = await decode(runner, pictures.slice(i, i + ROWS_PER_RUN).map(({ tokens }) => Int32Array.from(tokens)));
    const [classes, texts] = [await classifier.image(decoded), await imageText.image(decoded)];
    for (const [at, { features, logits }] of classes.entries()) {
      const scores = await scorePicture(further, { ...decoded[at]!, prompt: subjects[i + at]!.prompt });
      judged.push({ features, label: classifier.manifest.labels![largest(logits!)]!, embedding: texts[at]!.embedding!, scores: scores.map(({ value }) => value) });
    }
  }
  return judged;
}

/** Tokens as pictures. */
export async function decode(runner: OpenRunner, tokens: readonly Int32Array[]) {
  const rows = tokens.map((each) => ({ tokens: each, turn: { kind: 'decode' } }) as unknown as Row);
  const { rows: outputs } = await runner.run({ kind: 'decode', shape: { branches: 0, masked: 0, places: 0 }, rows });
  const { width, height } = runner.manifest.image;
  return outputs.map(({ pixels }) => ({ pixels: pixels!, width, height }));
}

/** Embeddings of the subjects' prompts, by prompt. */
export async function embedPrompts({ imageText }: Judges, subjects: readonly Subject[]): Promise<Map<string, Float32Array>> {
  const prompts = [...new Set(subjects.map(({ prompt }) => prompt))];
  const embeddings = await imageText.text(prompts);
  return new Map(prompts.map((prompt, i) => [prompt, embeddings[i]!]));
}

function largest(values: Float32Array): number {
  return values.reduce((best, value, i) => (value > values[best]! ? i : best), 0);
}
