import type { BundleManifest } from './bundle-manifest.js';

export const graphNames = ['full', 'shortcut', 'decode', 'embed'] as const;
export type GraphName = (typeof graphNames)[number];

type Dimension = number | 'rows' | 'new';
export interface TensorSignature {
  name: string;
  type: 'int32' | 'float32' | 'bool' | 'uint8';
  shape: Dimension[];
}
export interface GraphSignature {
  inputs: TensorSignature[];
  outputs: TensorSignature[];
}

type Sizes = Pick<BundleManifest, 'image' | 'tokens' | 'prompt' | 'features' | 'graphs'>;

/** The inputs and outputs that a bundle's graph must have; `rows` and `new` (a bucket size) are its only free axes. */
export function expectedSignature(graph: GraphName, manifest: Sizes): GraphSignature {
  const { image, tokens, prompt } = manifest;
  switch (graph) {
    case 'full':
      return { inputs: [int32('prompt', 'rows', prompt.length), currentTokens(manifest), ...sampling(manifest)], outputs: nextState(manifest) };
    case 'shortcut':
      return { inputs: [features('last_features', manifest), currentTokens(manifest), ...newTokens, float32('mask_ratio', 'rows'), ...sampling(manifest)], outputs: nextState(manifest) };
    case 'decode':
      return { inputs: [currentTokens(manifest)], outputs: [{ name: 'pixels', type: 'uint8', shape: ['rows', image.height, image.width, image.channels] }] };
    case 'embed':
      return { inputs: [currentTokens(manifest)], outputs: [float32('vectors', 'rows', tokens.image * codeChannels(manifest))] };
  }
}

const int32 = (name: string, ...shape: Dimension[]): TensorSignature => ({ name, type: 'int32', shape });
const float32 = (name: string, ...shape: Dimension[]): TensorSignature => ({ name, type: 'float32', shape });

const currentTokens = ({ tokens }: Sizes) => int32('tokens', 'rows', tokens.image);
/** ONNX wants one name for one value: the features that go in are `last_features`, those that come out `features`. */
const features = (name: 'features' | 'last_features', { features: f }: Sizes) => float32(name, 'rows', f.branches, f.positions, f.channels);
const newTokens: TensorSignature[] = [int32('new_tokens', 'rows', 'new'), int32('new_positions', 'rows', 'new'), { name: 'new_valid', type: 'bool', shape: ['rows', 'new'] }];
const sampling = ({ tokens }: Sizes): TensorSignature[] => [
  float32('uniforms', 'rows', tokens.image),
  float32('confidence_uniforms', 'rows', tokens.image),
  float32('guidance', 'rows'),
  float32('temperature', 'rows'),
  float32('confidence_noise', 'rows'),
  int32('reveal_count', 'rows'),
];
const nextState = (sizes: Sizes) => [features('features', sizes), int32('next_tokens', 'rows', sizes.tokens.image)];

/** The width of a code vector is the bundle's own choice: whole channels a token, read from what the graph declares. */
function codeChannels({ graphs, tokens }: Sizes): number {
  const size = graphs.embed.outputs[0]?.shape[1];
  return typeof size === 'number' ? Math.max(1, Math.floor(size / tokens.image)) : 1;
}
