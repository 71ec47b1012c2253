import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { scorePicture } from './picture-scores.js';
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

  it('of CLIP gives its embeddings of pictures and of prompts: in capitals, empty, and cut with the mark that closes it', async () => {
    const golden = await open('tiny-clip');
    const [image, text] = [golden('image'), golden('text')];
    const [seen, read] = [await scorer.image(pictures(image.inputs['pixels']!)), await scorer.text(['a photo of a cat', '', 'Slice of PIZZA, on a wooden table! '.repeat(20)])];
    rows(image.outputs['embedding']!).forEach((theirs, i) => expect(relativeError(seen[i]!.embedding!, theirs)).toBeLessThan(image.relativeTolerance));
    rows(text.outputs['embedding']!).forEach((theirs, i) => expect(relativeError(read[i]!, theirs)).toBeLessThan(text.relativeTolerance));
    expect(scorer.manifest.kind).toBe('image-text');
  });

  it('of CLIP-IQA gives the quality of a picture in points of 100, whatever the prompt', async () => {
    const { inputs, outputs, relativeTolerance } = (await open('tiny-clip-iqa'))('image');
    const shown = pictures(inputs['pixels']!);
    const seen = await scorer.image(shown);
    rows(outputs['score']!).forEach(([theirs], i) => expect(Math.abs(seen[i]!.quality! / theirs! - 1)).toBeLessThan(relativeTolerance));
    rows(outputs['features']!).forEach((theirs, i) => expect(relativeError(seen[i]!.features, theirs)).toBeLessThan(relativeTolerance));
    const picture = { ...shown[0]!, prompt: 'cat' };
    expect(await scorePicture([scorer], picture)).toEqual([{ scorer: 'tiny-clip-iqa', value: seen[0]!.quality, features: seen[0]!.features }]);
    await expect(scorer.text(['cat'])).rejects.toThrow(/tiny-clip-iqa is of the kind quality and reads no prompts; name an image-text scorer/);
    await expect(scorer.reward(seen[0]!, 'cat')).rejects.toThrow(/rates no prompts; name a reward scorer/);
  });

  it('of ImageReward gives the reward of picture and prompt together, of a prompt that is cut as well', async () => {
    const golden = await open('tiny-image-reward');
    const [image, text] = [golden('image'), golden('text')];
    const shown = pictures(image.inputs['pixels']!);
    const seen = await scorer.image(shown);
    const prompts = ['a photo of a cat', 'Slice of PIZZA, on a wooden table! '.repeat(20)];
    rows(image.outputs['features']!).forEach((theirs, i) => expect(relativeError(seen[i]!.features, theirs)).toBeLessThan(image.relativeTolerance));
    for (const [i, [theirs]] of rows(text.outputs['score']!).entries()) {
      expect(Math.abs((await scorer.reward(seen[i]!, prompts[i]!)) / theirs! - 1)).toBeLessThan(text.relativeTolerance);
    }
    const [cat, pizza] = await Promise.all(prompts.map((prompt) => scorePicture([scorer], { ...shown[0]!, prompt })));
    expect(cat![0]!.value).toBeCloseTo(100 * rows(text.outputs['score']!)[0]![0]!, 2);
    expect(pizza![0]!.value).not.toBeCloseTo(cat![0]!.value, 1);
    await expect(scorer.text(prompts)).rejects.toThrow(/gives prompts no embeddings; name an image-text scorer/);
  });
});
