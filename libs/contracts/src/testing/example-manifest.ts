import type { BundleManifest } from '../bundle-manifest.js';
import { expectedSignature, graphNames } from '../graph-signature.js';

/** A valid manifest with the sizes of the tiny preset: 32x32 pictures, 16 tokens, 8 steps with a budget of 3. It has no files behind it. */
export function exampleManifest(overrides: Partial<BundleManifest> = {}): BundleManifest {
  const sizes = {
    image: { width: 32, height: 32, channels: 4 as const },
    tokens: { image: 16, gridWidth: 4, gridHeight: 4, codes: 64, mask: 64 },
    prompt: { tokenizer: 'tokenizer.json', length: 8, pad: 0, unknown: 1 },
    features: { branches: 2 as const, positions: 24, channels: 32, layers: 4 },
    ...overrides,
  };
  const graphs = exampleGraphs(sizes);
  const paths = [...graphNames.map((name) => graphs[name]!.file), 'tokenizer.json', 'reference.json', 'golden.json', 'weights.bin'];
  return {
    format: 'slipstream-bundle', version: 3, name: 'tiny', description: 'For tests',
    ...sizes,
    newTokenBuckets: [4, 8, 16], maskedBuckets: [8, 16], selectedBuckets: [8, 24],
    sampling: { strategy: 'shortcut', steps: 8, budget: 3, knobs: {}, schedule: 'arccos', guidance: 2, guidanceRamp: 'linear', temperature: 1, confidenceTemperature: 4 },
    strategies: ['vanilla', 'halton', 'shortcut', 'adaptive', 'anchored', 'taylorseer', 'ml-cache', 'recap', 'dllm-cache', 'dimo'],
    graphs,
    files: paths.map((path) => ({ path, bytes: 1, sha256: '0'.repeat(64) })),
    reference: 'reference.json', golden: 'golden.json', weights: 'weights.bin', licences: [], training: {},
    ...overrides,
  };
}

/** Every graph with the signature that its sizes ask for; code vectors are 4 wide. */
function exampleGraphs(sizes: Pick<BundleManifest, 'image' | 'tokens' | 'prompt' | 'features'>): BundleManifest['graphs'] {
  const embed = { file: 'embed.onnx', inputs: [], outputs: [{ name: 'vectors', type: 'float32' as const, shape: ['rows', sizes.tokens.image * 4] }] };
  const known = { ...sizes, graphs: { embed } } as unknown as BundleManifest;
  return Object.fromEntries(graphNames.map((name) => [name, { file: `${name}.onnx`, ...expectedSignature(name, known) }])) as BundleManifest['graphs'];
}

/** The same for prompts that are classes, ten of them. */
export const classManifest = (): BundleManifest => exampleManifest({
  prompt: { classes: 10, length: 1, pad: 10 }, features: { branches: 2, positions: 17, channels: 32, layers: 4 }, selectedBuckets: [8, 17],
});
