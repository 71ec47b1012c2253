import { describe, expect, it } from 'vitest';
import { featureOutput, parseScorerManifest, type ScorerManifest } from './scorer-manifest.js';

type Tensor = ScorerManifest['graphs']['image']['inputs'][number];
const tensor = (name: string, type: Tensor['type'], ...sizes: number[]): Tensor => ({ name, type, shape: ['rows', ...sizes] });
const listed = (...paths: string[]) => paths.map((path) => ({ path, bytes: 1, sha256: '0'.repeat(64) }));
const pixels = tensor('pixels', 'uint8', 8, 16, 4);
const common = { format: 'slipstream-scorer', version: 1, description: 'For tests', image: { width: 16, height: 8, channels: 4, background: 'none', scale: 'bytes' }, features: { channels: 5 }, licences: [], training: {} };

const classifier = {
  ...common, name: 'example', kind: 'classifier', labels: ['cat', 'dog'],
  graphs: { image: { file: 'image.onnx', inputs: [pixels], outputs: [tensor('features', 'float32', 5), tensor('logits', 'float32', 2)] } },
  files: listed('image.onnx', 'reference.json'), reference: 'reference.json',
};
const imageText = {
  ...common, name: 'example-text', kind: 'image-text', text: { tokenizer: 'tokenizer.json', length: 8, pad: 0 },
  graphs: {
    image: { file: 'image.onnx', inputs: [pixels], outputs: [tensor('embedding', 'float32', 5)] },
    text: { file: 'text.onnx', inputs: [tensor('text', 'int32', 8)], outputs: [tensor('embedding', 'float32', 5)] },
  },
  files: listed('image.onnx', 'text.onnx', 'tokenizer.json'),
};
const quality = {
  ...common, name: 'example-quality', kind: 'quality',
  graphs: { image: { file: 'image.onnx', inputs: [pixels], outputs: [tensor('features', 'float32', 5), tensor('score', 'float32', 1)] } },
  files: listed('image.onnx'),
};
const patches = tensor('patches', 'float32', 7, 6);
const reward = {
  ...imageText, name: 'example-reward', kind: 'reward', text: { ...imageText.text, end: 3 },
  graphs: {
    image: { file: 'image.onnx', inputs: [pixels], outputs: [tensor('features', 'float32', 5), patches] },
    text: { file: 'text.onnx', inputs: [tensor('text', 'int32', 8), patches], outputs: [tensor('score', 'float32', 1)] },
  },
};
const parse = (manifest: object) => parseScorerManifest(JSON.stringify(manifest));
const refusal = (words: string) => expect.objectContaining({ code: 'bundle_invalid', param: 'manifest.json', message: expect.stringContaining(words) });

/** A natural-picture network as a user brings it. */
const brought = {
  ...classifier, labels: undefined, image: { width: 16, height: 8, channels: 3, background: 'white', scale: 'imagenet' },
  graphs: { image: { file: 'image.onnx', inputs: [tensor('pixels', 'float32', 3, 8, 16)], outputs: [tensor('features', 'float32', 5)] } },
};

const { image } = classifier.graphs;
const { text } = imageText.graphs;
const bad: [string, object, string][] = [
  ['another format', { ...classifier, format: 'slipstream-bundle' }, 'format:'],
  ['another version', { ...classifier, version: 2 }, 'version:'],
  ['a kind nobody knows', { ...classifier, kind: 'judge' }, 'kind:'],
  ['no size', { ...classifier, image: { ...common.image, width: 0 } }, 'image.width:'],
  ['two channels', { ...classifier, image: { ...common.image, channels: 2 } }, 'image.channels:'],
  ['transparency it cannot see', { ...brought, image: { ...brought.image, background: 'none' } }, 'image.background must be none with 4 channels'],
  ['pixels of another size', { ...classifier, image: { ...common.image, width: 8 } }, 'graphs.image must take pixels alone'],
  ['scaled pixels as bytes', { ...classifier, image: { ...common.image, scale: 'unit' } }, 'graphs.image must take pixels alone'],
  ['a second input', { ...classifier, graphs: { image: { ...image, inputs: [pixels, pixels] } } }, 'graphs.image must take pixels alone'],
  ['features of another width', { ...classifier, features: { channels: 6 } }, 'of a classifier must give features (rows, features.channels)'],
  ['labels without logits', { ...classifier, labels: ['cat'] }, 'must give logits (rows, labels)'],
  ['an image-text scorer that reads nothing', { ...imageText, graphs: { image: imageText.graphs.image } }, 'an image-text scorer needs text'],
  ['text of another length', { ...imageText, text: { ...imageText.text, length: 9 } }, 'takes text (rows, text.length)'],
  ['text in another space', { ...imageText, graphs: { ...imageText.graphs, text: { ...text, outputs: [tensor('embedding', 'float32', 4)] } } }, 'graphs.text must give embedding'],
  ['quality without a score', { ...quality, graphs: classifier.graphs }, 'must give score (rows, 1)'],
  ['a reward without prompts', { ...reward, text: undefined }, 'a reward scorer needs text'],
  ['a reward of other patches', { ...reward, graphs: { ...reward.graphs, text: { ...reward.graphs.text, inputs: [tensor('text', 'int32', 8), tensor('patches', 'float32', 7, 5)] } } }, 'takes text (rows, text.length) and the patches'],
  ['a reward without a score', { ...reward, graphs: { ...reward.graphs, text: { ...reward.graphs.text, outputs: [tensor('score', 'float32', 2)] } } }, 'graphs.text of a reward scorer must give score'],
  ['a graph that no file stands for', { ...imageText, files: listed('image.onnx', 'tokenizer.json') }, 'files does not list text.onnx'],
  ['a reference that no file stands for', { ...classifier, reference: 'other.json' }, 'files does not list other.json'],
  ['a file named twice', { ...classifier, files: listed('image.onnx', 'reference.json', 'image.onnx') }, 'files names a path twice'],
  ['a file outside the folder', { ...classifier, reference: '../reference.json' }, 'reference:'],
  ['a digest that is none', { ...classifier, files: [{ path: 'image.onnx', bytes: 1, sha256: 'abc' }] }, 'files.0.sha256:'],
];

describe('parseScorerManifest', () => {
  it.each([['a classifier', classifier], ['an image-text scorer', imageText], ['a scorer of quality', quality], ['a scorer of reward', reward], ['a network that a user brings', brought]])('returns %s as it was written', (_, manifest) => {
    expect(parse(manifest)).toEqual(JSON.parse(JSON.stringify(manifest)));
  });

  it.each(bad)('refuses %s, naming the member', (_, manifest, words) => {
    expect(() => parse(manifest)).toThrow(refusal(words));
  });

  it('refuses a truncated file', () => {
    expect(() => parseScorerManifest('{"format"')).toThrow(refusal('it is not JSON; export the scorer again'));
  });

  it('says which vector sets of pictures are compared by', () => {
    expect([featureOutput(parse(classifier)), featureOutput(parse(imageText))]).toEqual(['features', 'embedding']);
  });
});
