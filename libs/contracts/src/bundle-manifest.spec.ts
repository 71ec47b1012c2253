import { describe, expect, it } from 'vitest';
import { parseManifest, type BundleManifest } from './bundle-manifest.js';
import { exampleManifest } from './testing/index.js';

const manifest = exampleManifest();
const parse = (overrides: object) => () => parseManifest(JSON.stringify({ ...manifest, ...overrides }));
const refusal = (words: string) => expect.objectContaining({ code: 'bundle_invalid', param: 'manifest.json', message: expect.stringContaining(words) });

const bad: [string, object, string][] = [
  ['another format', { format: 'zip' }, 'format:'],
  ['an earlier version', { version: 1 }, 'version:'],
  ['no sizes', { image: undefined }, 'image:'],
  ['a grid that does not hold the tokens', { tokens: { ...manifest.tokens, gridWidth: 5 } }, 'gridWidth * gridHeight'],
  ['a mask among the codes', { tokens: { ...manifest.tokens, mask: 3 } }, 'tokens.mask'],
  ['buckets out of order', { newTokenBuckets: [8, 4, 16] }, 'not ascending'],
  ['buckets that end too early', { newTokenBuckets: [4, 8] }, 'newTokenBuckets does not end with tokens.image'],
  ['no sizes of masked positions', { maskedBuckets: undefined }, 'maskedBuckets:'],
  ['masked positions out of order', { maskedBuckets: [16, 8, 16] }, 'maskedBuckets is not ascending'],
  ['masked positions that end too early', { maskedBuckets: [8] }, 'maskedBuckets does not end with tokens.image'],
  ['selected positions that leave out the prompt', { selectedBuckets: [8, 16] }, 'selectedBuckets does not end with features.positions'],
  ['no number of layers', { features: { ...manifest.features, layers: undefined } }, 'features.layers:'],
  ['more steps than tokens', { sampling: { ...manifest.sampling, steps: 17 } }, 'sampling.steps'],
  ['more full steps than steps', { sampling: { ...manifest.sampling, budget: 9 } }, 'sampling.budget'],
  ['a default strategy that it does not serve', { strategies: ['vanilla', 'halton'] }, 'sampling.strategy is not one of strategies'],
  ['a default knob of another strategy', { sampling: { ...manifest.sampling, knobs: { tolerance: 0.3 } } }, 'sampling.knobs has tolerance, which shortcut has not'],
  ['a default knob out of range', { sampling: { ...manifest.sampling, knobs: { placement: 'middle' } } }, 'sampling.knobs.placement:'],
  ['a default knob that nobody has', { sampling: { ...manifest.sampling, knobs: { speed: 2 } } }, 'sampling.knobs:'],
  ['a temperature of 0', { sampling: { ...manifest.sampling, temperature: 0 } }, 'sampling.temperature:'],
  ['a graph that no file stands for', { files: manifest.files.slice(1) }, 'files does not list full.onnx'],
  ['a file named twice', { files: [...manifest.files, manifest.files[0]] }, 'files names a path twice'],
  ['a file outside the bundle', { golden: '../golden.json' }, 'golden:'],
  ['an absolute file', { golden: '/etc/passwd' }, 'golden:'],
  ['a digest that is none', { files: [{ path: 'full.onnx', bytes: 1, sha256: 'abc' }] }, 'files.0.sha256:'],
  ['a strategy nobody has', { strategies: ['magic'] }, 'strategies.0:'],
  ['no way to make every step full', { strategies: ['shortcut'] }, 'strategies has no vanilla'],
  ...(['shortcut', 'anchored', 'tail', 'partial', 'student'] as const).map((graph): [string, object, string] => [`strategies without their graph ${graph}`, { graphs: { ...manifest.graphs, [graph]: undefined } }, `, which needs the graph ${graph}`]),
  ['no graph that samples', { graphs: { ...manifest.graphs, head: undefined } }, 'graphs.head:'],
  ['weights that no file stands for', { weights: 'other.bin' }, 'files does not list other.bin'],
  ['no weights', { weights: undefined }, 'weights:'],
  ['a graph with another input type', { graphs: retyped(manifest) }, 'graphs.full has another signature'],
  ['a template without a place for the prompt', { prompt: { ...manifest.prompt, template: 'draw', limit: 4 } }, 'prompt'],
  ['a template without a limit', { prompt: { ...manifest.prompt, template: 'draw {prompt}' } }, 'prompt.template asks for a prompt.limit'],
  ['no prompt longer than prompts are', { prompt: { ...manifest.prompt, unconditional: Array(9).fill(2) } }, 'prompt.unconditional is longer than prompt.length'],
  ['a picture that begins inside the prompt', { features: { ...manifest.features, first: 7 } }, 'features.first lies inside the prompt'],
  ['lines that overlap', { features: { ...manifest.features, lineLength: 3 } }, 'features.lineLength is less than tokens.gridWidth'],
  ['lines that do not fit', { features: { ...manifest.features, lineLength: 5 } }, 'features.positions is less than the prompt and the picture take'],
  ['a graph for another prompt length', { prompt: { ...manifest.prompt, length: 9 } }, 'graphs.full has another signature'],
];

function retyped({ graphs }: BundleManifest) {
  const inputs = graphs.full.inputs.map((input) => (input.name === 'tokens' ? { ...input, type: 'float32' } : input));
  return { ...graphs, full: { ...graphs.full, inputs } };
}

describe('parseManifest', () => {
  it('returns what the trainer wrote', () => {
    expect(parseManifest(JSON.stringify(manifest))).toEqual(manifest);
  });

  it.each(bad)('refuses %s, naming the member', (_, overrides, words) => {
    expect(parse(overrides)).toThrow(refusal(words));
  });

  it('refuses a truncated file', () => {
    expect(() => parseManifest(JSON.stringify(manifest).slice(0, 200))).toThrow(refusal('it is not JSON; export the bundle again'));
  });

  it('takes a bundle that serves little, with no more graphs than that needs', () => {
    const { full, head, decode, embed } = manifest.graphs;
    expect(parse({ graphs: { full, head, decode, embed }, strategies: ['vanilla', 'halton'], sampling: { ...manifest.sampling, strategy: 'vanilla' } })).not.toThrow();
  });

  it('takes a shortcut that reads the prompt, and one that does not', () => {
    const { shortcut, full } = manifest.graphs;
    const prompt = full.inputs.find(({ name }) => name === 'prompt')!;
    expect(parse({ graphs: { ...manifest.graphs, shortcut: { ...shortcut!, inputs: [prompt, ...shortcut!.inputs] } } })).not.toThrow();
  });

  it('does not mind the order of inputs', () => {
    const full = { ...manifest.graphs.full, inputs: [...manifest.graphs.full.inputs].reverse() };
    expect(parse({ graphs: { ...manifest.graphs, full } })).not.toThrow();
  });
});
