import { nearest, type Neighbour } from '@slipstream/quality';
import type { Engine, SampleResult } from '@slipstream/runtime';
import type { ReferenceEntry } from './reference.js';

/** A picture beside the reference picture that it resembles most. */
export interface Match extends Neighbour {
  /** Whether no reference picture is nearer than one named like the prompt. */
  readonly isRight: boolean;
  /** Whether the nearest reference picture is of the category that the prompt names. */
  readonly inCategory: boolean;
}

/** The reference pictures in the bundle's feature space. */
export interface Gallery {
  match(prompts: readonly string[], results: readonly SampleResult[]): Promise<Match[]>;
}

/** Vectors are asked for in slices, so that a large reference needs no large message. */
const sliceLength = 128;

export async function openGallery(engine: Pick<Engine, 'embed'>, entries: readonly ReferenceEntry[]): Promise<Gallery> {
  const embed = async (tokens: readonly Int32Array[]): Promise<Float32Array[]> => {
    const vectors: Float32Array[] = [];
    for (let i = 0; i < tokens.length; i += sliceLength)
      vectors.push(...(await engine.embed(tokens.slice(i, i + sliceLength))));
    return vectors;
  };
  const vectors = await embed(entries.map((entry) => Int32Array.from(entry.tokens)));
  const matchOne = (prompt: string, query: Float32Array): Match => {
    const neighbour = nearest(query, vectors);
    const own = vectors.filter((_, i) => entries[i]?.name === prompt);
    const entry = entries[neighbour.index] as ReferenceEntry;
    return {
      ...neighbour,
      isRight: own.length > 0 && nearest(query, own).distance <= neighbour.distance,
      inCategory: entry.categories.includes(prompt),
    };
  };
  return {
    async match(prompts, results) {
      const queries = await embed(results.map((result) => result.tokens));
      return queries.map((query, i) => matchOne(prompts[i] as string, query));
    },
  };
}
