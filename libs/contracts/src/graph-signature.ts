import type { BundleManifest } from './bundle-manifest.js';

/** Every graph that a bundle may hold; the first four it must. */
export const requiredGraphs = ['full', 'head', 'decode', 'embed'] as const;
export const graphNames = [...requiredGraphs, 'shortcut', 'anchored', 'tail', 'partial', 'student', 'logits'] as const;
export type GraphName = (typeof graphNames)[number];

/** A size, or the name of an axis that is free: `branches` is 1 (conditional only) or 2, `masked`, `new` and `selected` are bucket sizes. */
type Dimension = number | 'rows' | 'branches' | 'masked' | 'new' | 'selected';
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

/** The inputs and outputs that a bundle's graph must have. */
export function expectedSignature(graph: GraphName, sizes: Sizes): GraphSignature {
  const { image, tokens, prompt: { length }, features: { positions, channels, layers } } = sizes;
  const step = sampling(sizes);
  const prompt = int32('prompt', 'rows', 'branches', length);
  const features = (name: string) => float32(name, 'rows', 'branches', positions, channels);
  const cache = (name: string) => float32(name, 'rows', 'branches', layers, positions, 2 * channels);
  const next = int32('next_tokens', 'rows', tokens.image);
  switch (graph) {
    case 'full':
      return { inputs: [prompt, ...step], outputs: [features('features'), features('residual'), next] };
    case 'head':
      return { inputs: [features('features'), ...step], outputs: [next] };
    case 'shortcut':
      return { inputs: [...(readsPrompt(sizes) ? [prompt] : []), features('last_features'), ...news, float32('mask_ratio', 'rows'), ...step], outputs: [features('features'), float32('velocity', 'rows'), next] };
    case 'anchored':
      return {
        inputs: [features('anchor_features'), int32('revealed_since', 'rows', tokens.image), float32('anchor_mask_ratio', 'rows'), float32('mask_ratio', 'rows'), ...step],
        outputs: [float32('guided', 'rows', 'masked', channels), next],
      };
    case 'tail':
      return { inputs: [prompt, features('residual'), ...step], outputs: [features('features'), next] };
    case 'partial':
      return {
        inputs: [prompt, features('last_features'), cache('cache'), int32('selected', 'rows', 'branches', 'selected'), ...step],
        outputs: [features('features'), cache('next_cache'), float32('max_logits', 'rows', 'branches', positions), int32('ranks', 'rows', 'masked'), next],
      };
    case 'student':
      return {
        inputs: [int32('prompt', 'rows', length), currentTokens(sizes), float32('embed_noise', 'rows', tokens.image, channels), float32('noise_share', 'rows'), float32('uniforms', 'rows', tokens.image), float32('temperature', 'rows')],
        outputs: [next],
      };
    case 'logits':
      return { inputs: [float32('guided', 'rows', 'masked', channels)], outputs: [float32('logits', 'rows', 'masked', tokens.codes)] };
    case 'decode':
      return { inputs: [currentTokens(sizes)], outputs: [{ name: 'pixels', type: 'uint8', shape: ['rows', image.height, image.width, image.channels] }] };
    case 'embed':
      return { inputs: [currentTokens(sizes)], outputs: [float32('vectors', 'rows', tokens.image * codeChannels(sizes))] };
  }
}

const int32 = (name: string, ...shape: Dimension[]): TensorSignature => ({ name, type: 'int32', shape });
const float32 = (name: string, ...shape: Dimension[]): TensorSignature => ({ name, type: 'float32', shape });

const currentTokens = ({ tokens }: Sizes) => int32('tokens', 'rows', tokens.image);
const news: TensorSignature[] = [int32('new_tokens', 'rows', 'new'), int32('new_positions', 'rows', 'new'), { name: 'new_valid', type: 'bool', shape: ['rows', 'new'] }];
/** What every step samples with; the head runs at `masked_positions` alone. */
const sampling = (sizes: Sizes): TensorSignature[] => [
  currentTokens(sizes),
  int32('masked_positions', 'rows', 'masked'),
  float32('uniforms', 'rows', 'masked'),
  float32('confidence_uniforms', 'rows', 'masked'),
  float32('guidance', 'rows'),
  float32('temperature', 'rows'),
  float32('confidence_noise', 'rows'),
  int32('reveal_count', 'rows'),
];

/** Whether a shortcut reads the prompt is the bundle's own choice, too. */
const readsPrompt = ({ graphs }: Sizes): boolean => graphs.shortcut?.inputs.some(({ name }) => name === 'prompt') ?? false;

/** The width of a code vector is the bundle's own choice: whole channels a token, read from what the graph declares. */
function codeChannels({ graphs, tokens }: Sizes): number {
  const size = graphs.embed.outputs[0]?.shape[1];
  return typeof size === 'number' ? Math.max(1, Math.floor(size / tokens.image)) : 1;
}
