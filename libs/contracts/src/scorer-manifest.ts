import { z } from 'zod';
import { parseDocument } from './parse-document.js';
import { SlipstreamError } from './slipstream-error.js';

const count = z.int().positive();
const fileName = z.string().regex(/^(?!.*\.\.)[A-Za-z0-9_][A-Za-z0-9_./-]*$/, 'a relative path inside the scorer');

const tensor = z.object({
  name: z.string().min(1),
  type: z.enum(['int32', 'float32', 'uint8']),
  /** Fixed sizes after the free axis `rows`. */
  shape: z.tuple([z.literal('rows')], count),
});
const graph = z.object({ file: fileName, inputs: z.array(tensor).min(1), outputs: z.array(tensor).min(1) });

/** `manifest.json` of a scorer, version 1: a frozen model that judges pictures, ours or one that a user brings. */
export const scorerManifest = z.object({
  format: z.literal('slipstream-scorer'),
  version: z.literal(1),
  name: z.string().regex(/^[a-z0-9][a-z0-9._-]*$/, 'lower-case letters, digits, dots, dashes'),
  /**
   * A classifier gives `features` of a picture, an image-text scorer `embedding`s of pictures and prompts in one space.
   * A quality scorer gives `features` and a `score` of a picture, 0 to 100; a reward scorer `features` and `patches`, and
   * by its text graph a `score` of patches and prompt together, about 0 on average and 1 in deviation.
   */
  kind: z.enum(['classifier', 'image-text', 'quality', 'reward']),
  description: z.string(),
  /**
   * What the image graph takes: RGBA with straight alpha as it is (4 channels, background none), or RGB laid on white (3).
   * `scale`: bytes are uint8; unit (0 to 1) and imagenet (less its mean, over its deviation) are float32.
   */
  image: z.object({ width: count, height: count, channels: z.literal([3, 4]), background: z.enum(['white', 'none']), scale: z.enum(['unit', 'imagenet', 'bytes']) }),
  /** Prompt ids are cut or padded to `length`, and where there is an `end`, a prompt that is cut keeps it; image-text and reward only. */
  text: z.object({ tokenizer: fileName, length: count, pad: z.int().nonnegative(), end: z.int().nonnegative().optional() }).optional(),
  /** Width of the vector that sets of pictures are compared by. */
  features: z.object({ channels: count }),
  /** What the logits stand for. */
  labels: z.array(z.string()).min(1).optional(),
  graphs: z.object({ image: graph, text: graph.optional() }),
  /** Every file of the scorer but the manifest itself. */
  files: z.array(z.object({ path: fileName, bytes: z.int().nonnegative(), sha256: z.string().regex(/^[0-9a-f]{64}$/, '64 hex digits') })),
  /** Reference vectors and their moments. */
  reference: fileName.optional(),
  licences: z.array(z.object({ name: z.string(), licence: z.string(), attribution: z.string(), appliesTo: z.string() })),
  training: z.record(z.string(), z.unknown()),
});

export type ScorerManifest = z.infer<typeof scorerManifest>;

/** The image graph's output that sets of pictures are compared by. */
export const featureOutput = ({ kind }: Pick<ScorerManifest, 'kind'>): 'features' | 'embedding' => (kind === 'image-text' ? 'embedding' : 'features');

/**
 * Parses the text of a scorer's `manifest.json` and holds its parts against each other.
 * @throws SlipstreamError `bundle_invalid`, naming every wrong member.
 */
export function parseScorerManifest(text: string): ScorerManifest {
  return parseDocument(text, { schema: scorerManifest, contradictions, invalid });
}

function contradictions(manifest: ScorerManifest): string[] {
  const { image, graphs, kind, labels, text, features } = manifest;
  const listed = new Set(manifest.files.map((file) => file.path));
  const needed = [graphs.image.file, graphs.text?.file, text?.tokenizer, manifest.reference].filter((path) => path !== undefined);
  const wanted = featureOutput(manifest);
  const checks: [boolean, string][] = [
    [(image.channels === 4) === (image.background === 'none'), 'image.background must be none with 4 channels and white with 3'],
    [takesPixels(manifest), 'graphs.image must take pixels alone, sized and scaled as image says'],
    [gives(graphs.image, wanted, features.channels), `graphs.image of a ${kind} must give ${wanted} (rows, features.channels)`],
    [labels === undefined || gives(graphs.image, 'logits', labels.length), 'graphs.image must give logits (rows, labels)'],
    ...ofKind(manifest),
    [listed.size === manifest.files.length, 'files names a path twice'],
    ...needed.map((path): [boolean, string] => [listed.has(path), `files does not list ${path}`]),
  ];
  return checks.filter(([holds]) => !holds).map(([, fault]) => fault);
}

function ofKind(manifest: ScorerManifest): [boolean, string][] {
  const { kind, graphs, features } = manifest;
  switch (kind) {
    case 'classifier':
      return [];
    case 'image-text':
      return [
        [takesText(manifest), 'an image-text scorer needs text, and graphs.text that takes text (rows, text.length)'],
        [gives(graphs.text, 'embedding', features.channels), 'graphs.text must give embedding (rows, features.channels)'],
      ];
    case 'quality':
      return [[gives(graphs.image, 'score', 1), 'graphs.image of a quality scorer must give score (rows, 1)']];
    case 'reward':
      return [
        [takesText(manifest) && takesPatches(manifest), 'a reward scorer needs text, graphs.image that gives patches, and graphs.text that takes text (rows, text.length) and the patches'],
        [gives(graphs.text, 'score', 1), 'graphs.text of a reward scorer must give score (rows, 1)'],
      ];
  }
}

/** Channels come last, or first as frameworks of natural pictures have them. */
function takesPixels({ image, graphs }: ScorerManifest): boolean {
  const { width, height, channels, scale } = image;
  const [input, ...others] = graphs.image.inputs;
  const shapes = [['rows', height, width, channels], ['rows', channels, height, width]].map(String);
  return others.length === 0 && input!.name === 'pixels' && input!.type === (scale === 'bytes' ? 'uint8' : 'float32') && shapes.includes(String(input!.shape));
}

function takesText({ kind, text, graphs }: ScorerManifest): boolean {
  const [input, ...others] = graphs.text?.inputs ?? [];
  return others.length === (kind === 'reward' ? 1 : 0) && input?.name === 'text' && input.type === 'int32' && String(input.shape) === String(['rows', text?.length]);
}

function takesPatches({ graphs: { image, text } }: ScorerManifest): boolean {
  const [given, taken] = [image.outputs, text?.inputs].map((tensors) => tensors?.find(({ name }) => name === 'patches'));
  return given !== undefined && given.type === 'float32' && String(given.shape) === String(taken?.shape);
}

function gives(of: ScorerManifest['graphs']['text'], name: string, width: number): boolean {
  return (of?.outputs ?? []).some((output) => output.name === name && output.type === 'float32' && String(output.shape) === String(['rows', width]));
}

const invalid = (fault: string, cause?: unknown): SlipstreamError =>
  new SlipstreamError('bundle_invalid', `scorer manifest.json: ${fault}`, { param: 'manifest.json', remedy: 'export the scorer again', cause });
