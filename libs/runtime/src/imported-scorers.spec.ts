import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { openScorer, type Scorer } from './scorer.js';
import { readGolden, relativeError, tensorOf, type Golden } from './testing/golden.js';

const folder = (name: string): string => fileURLToPath(new URL(`../../../tests/bundles/${name}`, import.meta.url));
type GoldenTensor = Golden['graphs'][number]['inputs'][string];

/** Rows of a golden tensor. */
function rows(tensor: GoldenTensor): Float32Array[] {
  const { data } = tensorOf(tensor);
  const size = data.length / tensor.shape[0]!;
  return Array.from({ length: tensor.shape[0]! }, (_, i) => (data as Float32Array).slice(i * size, (i + 1) * size));
}

const pictures = (tensor: GoldenTensor) => rows(tensor).map((pixels) => ({ pixels: pixels as unknown as Uint8Array, width: 32, height: 32 }));

describe('an imported scorer', () => {
  let scorer: Scorer;
  afterEach(() => scorer.release());
  const open = async (name: string) => {
    scorer = await openScorer(folder(name));
    const { graphs } = await readGolden(folder(name));
    return (graph: string) => graphs.find((each) => (each.graph as string) === graph)!;
  };

  it('of Inception-v3 gives the features and logits of PyTorch, whatever stands beside a picture', async () => {
    const { inputs, outputs, relativeTolerance } = (await open('tiny-inception'))('image');
    const shown = pictures(inputs['pixels']!);
    const scores = await scorer.image(shown);
    for (const name of ['features', 'logits'] as const) {
      rows(outputs[name]!).forEach((theirs, i) => expect(relativeError(scores[i]![name]!, theirs)).toBeLessThan(relativeTolerance));
    }
    expect(scorer.manifest).toMatchObject({ kind: 'classifier', image: { width: 32, height: 32 }, features: { channels: 24 } });
    expect(await scorer.image([shown[1]!])).toEqual([scores[1]]);
  });
});
