import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { frechetDistance } from './frechet.js';
import { gaussianOf } from './gaussian.js';
import { kernelDistance, kernelTable } from './kernel-distance.js';
import { precisionRecall } from './precision-recall.js';

interface Independent {
  readonly made: readonly number[][];
  readonly reference: readonly number[][];
  readonly frechet: number;
  readonly frechetByScipy: number;
  readonly kernelDistance: number;
  readonly precision: number;
  readonly recall: number;
}

/** Made by apps/trainer/tests/independent_statistics.py. */
describe("torch-fidelity's and SciPy's figures of the same vectors", () => {
  let theirs: Independent;
  let [made, reference]: Float32Array[][] = [];
  beforeAll(async () => {
    theirs = JSON.parse(await readFile(new URL('./testing/independent.json', import.meta.url), 'utf8')) as Independent;
    [made, reference] = [theirs.made, theirs.reference].map((rows) => rows.map((row) => Float32Array.from(row)));
  });
  const share = (flags: readonly boolean[]): number => flags.filter(Boolean).length / flags.length;

  it('are our Fréchet distance', () => {
    const ours = frechetDistance(gaussianOf(made!), gaussianOf(reference!));
    expect(ours / theirs.frechet).toBeCloseTo(1, 9);
    expect(ours / theirs.frechetByScipy).toBeCloseTo(1, 9);
  });

  it('are our kernel distance', () => {
    expect(kernelDistance(kernelTable(made!, reference!)) / theirs.kernelDistance).toBeCloseTo(1, 9);
  });

  it('are our precision and recall', () => {
    const { precise, recalled } = precisionRecall(made!, reference!);
    expect([share(precise), share(recalled)]).toEqual([expect.closeTo(theirs.precision, 6), expect.closeTo(theirs.recall, 6)]);
    expect(share(precise)).not.toBe(share(recalled));
  });
});
