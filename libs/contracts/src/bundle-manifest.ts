import { z } from 'zod';
import { expectedSignature, graphNames, type GraphName } from './graph-signature.js';
import { SlipstreamError } from './slipstream-error.js';
import { parseDocument } from './parse-document.js';
import { foreignKnobs, knobs, strategyNames, strategyTable } from './strategies.js';

const count = z.int().positive();
const tokenId = z.int().nonnegative();
const fileName = z.string().regex(/^(?!.*\.\.)[A-Za-z0-9_][A-Za-z0-9_./-]*$/, 'a relative path inside the bundle');

const tensor = z.object({
  name: z.string().min(1),
  type: z.enum(['int32', 'float32', 'bool', 'uint8']),
  /** Fixed sizes, and the names of free axes. */
  shape: z.array(z.union([count, z.string().min(1)])).min(1),
});
const graph = z.object({ file: fileName, inputs: z.array(tensor).min(1), outputs: z.array(tensor).min(1) });

/** A prompt of words, by a tokenizer. */
const wordPrompt = z.object({
  tokenizer: fileName, length: count, pad: tokenId, unknown: tokenId,
  /** What is encoded instead: a text in which the prompt stands for `{prompt}`. Such a prompt must fit; another is cut. */
  template: z.string().includes('{prompt}').optional(),
  /** With a template: how many ids a prompt may have beside the template's own. */
  limit: count.optional(),
  /** Ids of the unconditional branch, to be padded; left out, it is all padding. */
  unconditional: z.array(tokenId).optional(),
});
/** A prompt is the number of a class, 0 … classes − 1; `pad`, the number after the last, is no class. */
const classPrompt = z.object({ classes: count, length: z.literal(1), pad: tokenId });
export type WordPrompt = z.infer<typeof wordPrompt>;

/** `manifest.json` of a bundle, version 3: what the trainer promises and the runtime relies on. */
export const bundleManifest = z.object({
  format: z.literal('slipstream-bundle'),
  version: z.literal(3),
  name: z.string().regex(/^[a-z0-9][a-z0-9._-]*$/, 'lower-case letters, digits, dots, dashes'),
  description: z.string(),
  /** Pictures are RGBA with straight alpha. */
  image: z.object({ width: count, height: count, channels: z.literal(4) }),
  /** Ids 0 .. codes-1 are codes; `mask` is the masked token. `image` = gridWidth * gridHeight tokens a picture. */
  tokens: z.object({ image: count, gridWidth: count, gridHeight: count, codes: count, mask: tokenId }),
  /** Prompt ids are cut or padded to `length`; all `pad` is the empty prompt, the unconditional branch. */
  prompt: z.union([wordPrompt, classPrompt]),
  /** Of a full step, (branches, positions, channels); `layers` hold a key and a value of `channels` each for every position. */
  features: z.object({
    branches: z.literal(2), positions: count, channels: count, layers: count,
    /** The position of the picture's first token, and how many there are from one line of its grid to the next; left out, they follow the prompt without gaps. */
    first: count.optional(), lineLength: count.optional(),
  }),
  /** The sizes that new tokens and masked positions are padded to, ascending; the last is `tokens.image`. */
  newTokenBuckets: z.array(count).min(1),
  maskedBuckets: z.array(count).min(1),
  /** The sizes that a partial step's positions are padded to, ascending; the last is `features.positions`. */
  selectedBuckets: z.array(count).min(1),
  /** What a request gets that chooses nothing. */
  sampling: z.object({
    strategy: z.enum(strategyNames),
    steps: count,
    /** Full steps among `steps`, for strategies that have a budget. */
    budget: count,
    /** Knobs of the default strategy that differ from the table's. */
    knobs,
    schedule: z.enum(['arccos', 'cosine']),
    guidance: z.number().nonnegative(),
    guidanceRamp: z.enum(['linear', 'constant']),
    temperature: z.number().positive(),
    confidenceTemperature: z.number().nonnegative(),
    /** Whether the noise on the confidence falls to 0 at the last step, as it does where this is left out. */
    confidenceRamp: z.enum(['linear', 'constant']).optional(),
    /** What the graphs draw codes with: `bf16` is the coarse noise of a published sampler, for the record. */
    noise: z.enum(['fp32', 'bf16']).optional(),
  }),
  /** Those it can serve, each with the graphs it needs. */
  strategies: z.array(z.enum(strategyNames)).min(1),
  graphs: z.object({
    full: graph, head: graph, decode: graph, embed: graph,
    shortcut: graph.optional(), anchored: graph.optional(), tail: graph.optional(), partial: graph.optional(), student: graph.optional(),
    /** For tools that look inside a step; no strategy needs it. */
    logits: graph.optional(),
  }),
  /** The file of the large weights, which all graphs share. */
  weights: fileName,
  /** Every file of the bundle but the manifest itself. */
  files: z.array(z.object({ path: fileName, bytes: z.int().nonnegative(), sha256: z.string().regex(/^[0-9a-f]{64}$/, '64 hex digits') })),
  reference: fileName,
  golden: fileName,
  licences: z.array(z.object({ name: z.string(), licence: z.string(), attribution: z.string(), appliesTo: z.string() })),
  training: z.record(z.string(), z.unknown()),
});

export type BundleManifest = z.infer<typeof bundleManifest>;

/**
 * Parses the text of a `manifest.json` and holds its parts against each other.
 * @throws SlipstreamError `bundle_invalid`, naming every wrong member.
 */
export function parseManifest(text: string): BundleManifest {
  return parseDocument(text, { schema: bundleManifest, contradictions, invalid });
}

function contradictions(manifest: BundleManifest): string[] {
  const { tokens, prompt, sampling, strategies, graphs } = manifest;
  const listed = new Set(manifest.files.map((file) => file.path));
  const needed = [...('tokenizer' in prompt ? [prompt.tokenizer] : []), manifest.reference, manifest.golden, manifest.weights, ...heldGraphs(manifest).map((name) => graphs[name]!.file)];
  const checks: [boolean, string][] = [
    [tokens.image === tokens.gridWidth * tokens.gridHeight, 'tokens.image is not gridWidth * gridHeight'],
    [tokens.mask >= tokens.codes, 'tokens.mask is one of the codes'],
    [!('classes' in prompt) || prompt.pad === prompt.classes, 'prompt.pad is not the number after the last class'],
    [!('template' in prompt && prompt.template) || prompt.limit !== undefined, 'prompt.template asks for a prompt.limit'],
    [(('unconditional' in prompt && prompt.unconditional) || []).length <= prompt.length, 'prompt.unconditional is longer than prompt.length'],
    ...placeChecks(manifest),
    ...bucketChecks(manifest),
    [strategies.includes('vanilla'), 'strategies has no vanilla, which every bundle serves and is measured against'],
    [strategies.includes(sampling.strategy), 'sampling.strategy is not one of strategies'],
    ...foreignKnobs(sampling.strategy, sampling.knobs).map((knob): [boolean, string] => [false, `sampling.knobs has ${knob}, which ${sampling.strategy} has not`]),
    ...strategies.flatMap((strategy) => strategyTable[strategy].graphs.map((name): [boolean, string] => [graphs[name] !== undefined, `strategies has ${strategy}, which needs the graph ${name}`])),
    [sampling.steps <= tokens.image, 'sampling.steps is more than tokens.image'],
    [sampling.budget <= sampling.steps, 'sampling.budget is more than sampling.steps'],
    [listed.size === manifest.files.length, 'files names a path twice'],
    ...needed.map((path): [boolean, string] => [listed.has(path), `files does not list ${path}`]),
    ...heldGraphs(manifest).map((name): [boolean, string] => [
      sameSignature(graphs[name]!, expectedSignature(name, manifest)),
      `graphs.${name} has another signature than its sizes ask for`,
    ]),
  ];
  return checks.filter(([holds]) => !holds).map(([, fault]) => fault);
}

/** The graphs that a bundle holds. */
export const heldGraphs = ({ graphs }: Pick<BundleManifest, 'graphs'>): GraphName[] => graphNames.filter((name) => graphs[name] !== undefined);

function bucketChecks({ newTokenBuckets, maskedBuckets, selectedBuckets, tokens, features }: BundleManifest): [boolean, string][] {
  const check = (name: string, buckets: number[], end: string, last: number): [boolean, string][] => [
    [buckets.every((size, i) => i === 0 || size > buckets[i - 1]!), `${name} is not ascending`],
    [buckets.at(-1) === last, `${name} does not end with ${end}`],
  ];
  return [
    ...check('newTokenBuckets', newTokenBuckets, 'tokens.image', tokens.image),
    ...check('maskedBuckets', maskedBuckets, 'tokens.image', tokens.image),
    ...check('selectedBuckets', selectedBuckets, 'features.positions', features.positions),
  ];
}

/** Where the picture lies: behind the prompt, its lines apart, all of them inside. */
function placeChecks({ tokens: { gridWidth, gridHeight }, prompt, features: { first = prompt.length, lineLength = gridWidth, positions } }: BundleManifest): [boolean, string][] {
  return [
    [first >= prompt.length, 'features.first lies inside the prompt'],
    [lineLength >= gridWidth, 'features.lineLength is less than tokens.gridWidth'],
    [first + (gridHeight - 1) * lineLength + gridWidth <= positions, 'features.positions is less than the prompt and the picture take'],
  ];
}

type Signature = Pick<BundleManifest['graphs']['full'], 'inputs' | 'outputs'>;

function sameSignature(given: Signature, expected: Signature): boolean {
  const text = (tensors: Signature['inputs']) => tensors.map((t) => `${t.name} ${t.type} ${t.shape.join('x')}`).sort().join();
  return text(given.inputs) === text(expected.inputs) && text(given.outputs) === text(expected.outputs);
}

const invalid = (fault: string, cause?: unknown) =>
  new SlipstreamError('bundle_invalid', `manifest.json: ${fault}`, { param: 'manifest.json', remedy: 'export the bundle again', cause });
