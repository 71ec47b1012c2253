import type { Features } from '../model-runner.js';
import { ascending, PartialState } from '../partial-state.js';
import { placeOf } from '../place-of.js';
import type { Progress } from '../progress.js';
import type { Strategy } from '../strategy.js';

/**
 * dLLM-Cache (arXiv 2506.06295, ICML 2026): the prompt's positions are recomputed every `promptInterval` steps, the
 * picture's every `responseInterval`; in between a share `updateRatio` of the picture's. The paper chooses them anew in
 * every layer by how little their values resemble the cached ones; here they are chosen once for the model: first the
 * tokens just revealed, whose values in the first layer are the only ones that changed, then those whose features moved
 * most between their last two computations.
 */
export const dllmCache: Strategy = {
  *course(row) {
    const { promptInterval = 1, responseInterval = 1, updateRatio = 0 } = row.knobs;
    const { promptLength, positions, imageTokens } = row.model;
    const state = new PartialState(row);
    const similarity = row.prompts.map(() => new Float64Array(imageTokens).fill(1));
    while (row.step < row.steps) {
      const prompt = row.step % promptInterval === 0 ? range(0, promptLength) : [];
      const picture = row.step % responseInterval === 0;
      const few = Math.floor(updateRatio * imageTokens);
      const wanted = similarity.map((of) => [...prompt, ...(picture ? range(promptLength, positions) : leastAlike(row, of).slice(0, few))]);
      const before = state.features;
      if (wanted[0]!.length === positions) yield* state.full();
      else yield* state.partial(wanted);
      similarity.forEach((of, branch) => compare(of, { row, branch, features: [before, state.features], recomputed: wanted[branch]! }));
    }
  },
};

/** The picture's positions, those just revealed first, then from the least alike to the most. */
function leastAlike({ newPositions, model }: Progress, similarity: Float64Array): number[] {
  return [...new Set([...newPositions, ...ascending(similarity)])].map((position) => placeOf(position, model));
}

/** Notes for each recomputed position of the picture how alike its features are to the earlier ones (cosine). */
function compare(similarity: Float64Array, { row, branch, features, recomputed }: { row: Progress; branch: number; features: readonly [Features, Features]; recomputed: readonly number[] }): void {
  const { positions, channels } = row.model;
  const anew = new Set(recomputed);
  for (const position of similarity.keys()) {
    const place = placeOf(position, row.model);
    if (!anew.has(place)) continue;
    const start = (branch * positions + place) * channels;
    const [before, after] = features.map((all) => all.subarray(start, start + channels)) as [Features, Features];
    similarity[position] = cosine(before, after);
  }
}

/** 0 where one of them is all zeros: never computed before, so not alike. */
function cosine(a: Features, b: Features): number {
  let [product, squareA, squareB] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    product += a[i]! * b[i]!;
    squareA += a[i]! ** 2;
    squareB += b[i]! ** 2;
  }
  return squareA * squareB === 0 ? 0 : product / Math.sqrt(squareA * squareB);
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);
