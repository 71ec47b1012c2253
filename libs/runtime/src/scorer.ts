import { featureOutput, parseScorerManifest, SlipstreamError, type ScorerManifest } from '@slipstream/contracts';
import { PromptTokenizer } from '@slipstream/prompts';
import { Tensor, type InferenceSession } from 'onnxruntime-node';
import { openGraph, type SessionOptions } from './graph-session.js';
import { pixelTensor, type ScoredPicture } from './scorer-pixels.js';
import { referenceOf, type ScorerReference } from './scorer-reference.js';
import { readVerified, type VerifiedFiles } from './verified-files.js';

/** A scorer's files, checked; plain data that may cross to another thread. */
export type ScorerFiles = VerifiedFiles<ScorerManifest>;

/** What a scorer says about one picture. */
export interface PictureScore {
  /** (features.channels): what sets of pictures are compared by; an image-text scorer's embedding. */
  readonly features: Float32Array;
  /** (labels), before softmax; of a classifier with labels. */
  readonly logits?: Float32Array;
  /** (features.channels) of length 1; of an image-text scorer. */
  readonly embedding?: Float32Array;
  /** 0 to 100, more is better; of a quality scorer. */
  readonly quality?: number;
  /** What a reward scorer rates together with a prompt, row by row. */
  readonly patches?: Float32Array;
}

/** A frozen model that judges pictures. Each call blocks its thread while a graph runs. */
export interface Scorer {
  readonly manifest: ScorerManifest;
  /** sha256 of the manifest's bytes, hex. */
  readonly digest: string;
  /** What statistics of its features are bound to: `scorer` is the sha256 of the image graph, hex. */
  readonly space: { readonly scorer: string; readonly channels: number };
  /** Reference pictures in its space, where it carries them. Throws SlipstreamError `bundle_invalid` when they are of another scorer. */
  reference(): ScorerReference | undefined;
  /** In the order of the pictures. Rejects with `configuration_invalid` naming the first picture of another size. */
  image(pictures: readonly ScoredPicture[]): Promise<PictureScore[]>;
  /** Embeddings of prompts, (features.channels) of length 1 each. Rejects with `configuration_invalid` when it reads no text. */
  text(prompts: readonly string[]): Promise<Float32Array[]>;
  /**
   * What a reward scorer says of a picture that it has seen and a prompt: about 0 on average, 1 in deviation, more is
   * better. Rejects with `configuration_invalid` when it is of another kind.
   */
  reward(seen: PictureScore, prompt: string): Promise<number>;
  /** Frees the graphs' memory; nothing may be asked afterwards. */
  release(): Promise<void>;
}

/** Pictures of one run: more would only take memory. */
const ROWS_PER_RUN = 32;

/**
 * Opens the scorer in a folder, in the calling thread and no other. One thread of a process owns ONNX Runtime: call it
 * where the engine's graphs live, or in a process without an engine, or after the engine was closed.
 * Throws SlipstreamError `bundle_invalid` naming the file that is wrong, or `configuration_invalid`; see `openGraph`.
 */
export async function openScorer(dir: string, options: Partial<SessionOptions> = {}): Promise<Scorer> {
  return startScorer(await loadScorer(dir), options);
}

/** Reads and checks a scorer's files without ONNX Runtime: for a thread that hands them to the one that owns it. */
export function loadScorer(dir: string): Promise<ScorerFiles> {
  return readVerified(dir, { parse: parseScorerManifest, remedy: 'fetch or export the scorer again, or name the folder of a whole one' });
}

/** Opens files that `loadScorer` read, in the calling thread. */
export async function startScorer(loaded: ScorerFiles, { executionProvider = 'cpu', threads = 1 }: Partial<SessionOptions> = {}): Promise<Scorer> {
  const { manifest, digest, files } = loaded;
  const open = (graph: ScorerManifest['graphs']['image']) => openGraph(graph, files.get(graph.file)!, { executionProvider, threads });
  const reader = manifest.graphs.text && { tokenizer: tokenizerOf(loaded), session: await open(manifest.graphs.text) };
  const session = await open(manifest.graphs.image);
  return {
    manifest,
    digest,
    space: { scorer: manifest.files.find(({ path }) => path === manifest.graphs.image.file)!.sha256, channels: manifest.features.channels },
    reference: () => referenceOf(loaded),
    image: (pictures) => inParts(pictures, async (part, first) => scoresOf(manifest, await session.run({ pixels: pixelTensor(part, manifest, first) }), part.length)),
    async text(prompts) {
      if (!reader || manifest.kind !== 'image-text') throw noText(manifest, 'image-text');
      return inParts(prompts, async (part) => {
        const { embedding } = await reader.session.run({ text: idTensor(part, reader.tokenizer, manifest) });
        return byRow(embedding!.data as Float32Array, part.length);
      });
    },
    async reward({ patches }, prompt) {
      if (!reader || !patches) throw noText(manifest, 'reward');
      const { shape } = manifest.graphs.image.outputs.find(({ name }) => name === 'patches')!;
      const seen = new Tensor('float32', patches, [1, ...(shape.slice(1) as number[])]);
      const { score } = await reader.session.run({ text: idTensor([prompt], reader.tokenizer, manifest), patches: seen });
      return (score!.data as Float32Array)[0]!;
    },
    async release() {
      await session.release();
      await reader?.session.release();
    },
  };
}

function scoresOf(manifest: ScorerManifest, outputs: InferenceSession.OnnxValueMapType, rows: number): PictureScore[] {
  const of = (name: string) => outputs[name] && byRow(outputs[name].data as Float32Array, rows);
  const features = of(featureOutput(manifest))!;
  const logits = manifest.labels && of('logits');
  return features.map((vector, i) => ({ features: vector, ...(logits && { logits: logits[i]! }), ...ofKind(manifest.kind, of, i) }));
}

/** What only one kind of scorer says of a picture. */
function ofKind(kind: ScorerManifest['kind'], of: (name: string) => Float32Array[] | undefined, row: number): Partial<PictureScore> {
  switch (kind) {
    case 'classifier':
      return {};
    case 'image-text':
      return { embedding: of('embedding')![row]! };
    case 'quality':
      return { quality: of('score')![row]![0]! };
    case 'reward':
      return { patches: of('patches')![row]! };
  }
}

/** (prompts, length) */
function idTensor(prompts: readonly string[], tokenizer: PromptTokenizer, { text }: ScorerManifest): Tensor {
  const rows = prompts.map((prompt) => {
    const ids = tokenizer.encode(prompt);
    if (text!.end !== undefined && !ids.includes(text!.end)) ids[ids.length - 1] = text!.end; // it was cut off
    return [...ids];
  });
  return new Tensor('int32', Int32Array.from(rows.flat()), [prompts.length, text!.length]);
}

async function inParts<T, R>(items: readonly T[], run: (part: readonly T[], first: number) => Promise<R[]>): Promise<R[]> {
  const results: R[] = [];
  for (let i = 0; i < items.length; i += ROWS_PER_RUN) results.push(...(await run(items.slice(i, i + ROWS_PER_RUN), i)));
  return results;
}

/** The tokenizer file itself says which id stands for words it never saw. */
function tokenizerOf({ manifest, files }: ScorerFiles): PromptTokenizer {
  const { tokenizer, length, pad } = manifest.text!;
  return PromptTokenizer.of({ manifest: { prompt: { tokenizer, length, pad, unknown: unknownId(files.get(tokenizer)!) ?? pad } }, files });
}

function unknownId(bytes: Uint8Array): number | undefined {
  try {
    const { model } = JSON.parse(Buffer.from(bytes).toString('utf8')) as { model?: { unk_token?: string; vocab?: Record<string, number> } };
    return model?.vocab?.[model.unk_token ?? ''];
  } catch {
    return undefined; // PromptTokenizer says what is wrong with it
  }
}

function noText({ name, kind }: ScorerManifest, wanted: ScorerManifest['kind']): SlipstreamError {
  const does = wanted === 'reward' ? 'rates no prompts' : kind === 'reward' ? 'gives prompts no embeddings' : 'reads no prompts';
  return new SlipstreamError('configuration_invalid', `the scorer ${name} is of the kind ${kind} and ${does}`, { param: 'scorer', remedy: wanted === 'reward' ? 'name a reward scorer' : 'name an image-text scorer' });
}

/** Copies: the batch that they came in is not kept alive. */
function byRow(batch: Float32Array, rows: number): Float32Array[] {
  const size = batch.length / rows;
  return Array.from({ length: rows }, (_, i) => batch.slice(i * size, (i + 1) * size));
}
