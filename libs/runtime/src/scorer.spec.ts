import { createHash } from 'node:crypto';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ScorerManifest } from '@slipstream/contracts';
import { loadScorer, openScorer, startScorer, type Scorer } from './scorer.js';
import { relativeError, tensorOf } from './testing/golden.js';

const folder = (name: string): string => fileURLToPath(new URL(`../../../tests/bundles/${name}`, import.meta.url));
type GoldenTensor = Parameters<typeof tensorOf>[0];
interface Golden {
  graphs: { graph: string; inputs: Record<string, GoldenTensor>; outputs: Record<string, GoldenTensor>; relativeTolerance: number }[];
}
const golden = async (name: string): Promise<Golden['graphs']> => (JSON.parse(await readFile(join(folder(name), 'golden.json'), 'utf8')) as Golden).graphs;
const rows = (tensor: GoldenTensor): (Float32Array | Uint8Array)[] => {
  const { data } = tensorOf(tensor);
  const size = data.length / tensor.shape[0]!;
  return Array.from({ length: tensor.shape[0]! }, (_, i) => (data as Float32Array).slice(i * size, (i + 1) * size));
};
const pictures = (tensor: GoldenTensor) => rows(tensor).map((pixels) => ({ pixels: pixels as Uint8Array, width: 32, height: 32 }));

describe('a classifier', () => {
  let scorer: Scorer;
  beforeAll(async () => void (scorer = await openScorer(folder('tiny-classifier'))));
  afterAll(() => scorer.release());

  it("gives the trainer's features and logits", async () => {
    const [{ inputs, outputs, relativeTolerance }] = (await golden('tiny-classifier')) as [Golden['graphs'][0]];
    const scores = await scorer.image(pictures(inputs['pixels']!));
    for (const name of ['features', 'logits'] as const) {
      rows(outputs[name]!).forEach((theirs, i) => expect(relativeError(scores[i]![name]!, theirs as Float32Array)).toBeLessThan(relativeTolerance));
    }
    expect(scores[0]).not.toHaveProperty('embedding');
  });

  it('gives each picture the same bits alone and among others, in any number', async () => {
    const [first, second] = pictures((await golden('tiny-classifier'))[0]!.inputs['pixels']!);
    const [alone] = await scorer.image([second!]);
    const many = await scorer.image(Array.from({ length: 40 }, (_, i) => (i % 2 ? second! : first!)));
    expect(many).toHaveLength(40);
    expect(many[1]).toEqual(alone);
    expect(many[39]).toEqual(alone);
    expect(many[0]).not.toEqual(alone);
    expect(await scorer.image([])).toEqual([]);
  });

  it('finds the pictures of its reference in the order of their names', () => {
    const { count, mean, covariance, names, vectors } = scorer.reference()!;
    expect([count, names.length, vectors.length, mean.length, covariance.length]).toEqual([96, 96, 96, 16, 256]);
    expect(vectors.reduce((sum, vector) => sum + vector[3]!, 0) / 96).toBeCloseTo(mean[3]!, 5);
    expect(names).toEqual(scorer.manifest.labels);
  });

  it('names the picture of another size, both sizes and the way out', async () => {
    const fits = { pixels: new Uint8Array(32 * 32 * 4), width: 32, height: 32 };
    const wide = { pixels: new Uint8Array(64 * 32 * 4), width: 64, height: 32 };
    await expect(scorer.image([...Array<typeof fits>(35).fill(fits), wide])).rejects.toMatchObject({
      code: 'configuration_invalid', param: 'pictures.35',
      message: expect.stringMatching(/^picture 35 is 64×32 .*tiny-classifier takes 32×32; use a scorer made for 64×32 pictures/) as string,
    });
    await expect(scorer.image([{ ...fits, pixels: new Uint8Array(3) }])).rejects.toThrow(/picture 0 is 32×32 \(3 bytes\)/);
  });

  it('reads no prompts and says so', async () => {
    await expect(scorer.text(['cat'])).rejects.toMatchObject({ code: 'configuration_invalid', param: 'scorer', message: expect.stringContaining('name an image-text scorer') as string });
  });

  it('is known by its manifest, and its statistics by its image graph', async () => {
    const sha256 = async (file: string) => createHash('sha256').update(await readFile(join(folder('tiny-classifier'), file))).digest('hex');
    expect(scorer.digest).toBe(await sha256('manifest.json'));
    expect(scorer.space).toEqual({ scorer: await sha256('image.onnx'), channels: 16 });
  });
});

describe('an image-text scorer', () => {
  let scorer: Scorer;
  beforeAll(async () => void (scorer = await startScorer(structuredClone(await loadScorer(folder('tiny-text'))))));
  afterAll(() => scorer.release());

  it("gives the trainer's embeddings of pictures and prompts, unknown words and the empty prompt included", async () => {
    const [image, text] = (await golden('tiny-text')) as [Golden['graphs'][0], Golden['graphs'][0]];
    const scores = await scorer.image(pictures(image.inputs['pixels']!));
    rows(image.outputs['embedding']!).forEach((theirs, i) => expect(relativeError(scores[i]!.embedding!, theirs as Float32Array)).toBeLessThan(image.relativeTolerance));
    expect(scores[0]!.features).toEqual(scores[0]!.embedding);
    const prompts = await scorer.text([scorer.reference()!.names[0]!, '', 'quux']);
    rows(text.outputs['embedding']!).forEach((theirs, i) => expect(relativeError(prompts[i]!, theirs as Float32Array)).toBeLessThan(text.relativeTolerance));
  });

  it('gives vectors of length 1', async () => {
    for (const vector of await scorer.text(['cat', 'a dog and much more than fits into so few words'])) expect(Math.hypot(...vector)).toBeCloseTo(1, 5);
  });
});

describe('a scorer that is not whole', () => {
  let dir: string | undefined;
  afterEach(async () => void (dir && (await rm(dir, { recursive: true }))));
  const copy = async (): Promise<string> => {
    dir = await mkdtemp(join(tmpdir(), 'slipstream-scorer-'));
    await cp(folder('tiny-text'), dir, { recursive: true });
    return dir;
  };
  /** As if it had been exported so. */
  const replace = async (path: string, contents: string): Promise<void> => {
    await writeFile(join(dir!, path), contents);
    const manifest = JSON.parse(await readFile(join(dir!, 'manifest.json'), 'utf8')) as ScorerManifest;
    const entry = { path, bytes: Buffer.byteLength(contents), sha256: createHash('sha256').update(contents).digest('hex') };
    await writeFile(join(dir!, 'manifest.json'), JSON.stringify({ ...manifest, files: manifest.files.map((file) => (file.path === path ? entry : file)) }));
  };

  it('is refused by the name of the file that is missing or altered', async () => {
    await copy();
    await writeFile(join(dir!, 'text.onnx'), 'x');
    await expect(openScorer(dir!)).rejects.toMatchObject({ code: 'bundle_invalid', param: 'text.onnx', message: expect.stringMatching(/has 1 bytes.*fetch or export the scorer again/) as string });
    await rm(join(dir!, 'text.onnx'));
    await expect(openScorer(dir!)).rejects.toThrow(/text\.onnx is missing in/);
    await expect(openScorer('/nowhere')).rejects.toMatchObject({ code: 'bundle_invalid', param: 'manifest.json' });
  });

  it('is refused when a graph is none, or its tokenizer', async () => {
    await copy();
    await replace('image.onnx', 'no graph');
    await expect(openScorer(dir!)).rejects.toMatchObject({ code: 'bundle_invalid', param: 'image.onnx' });
    await replace('tokenizer.json', 'no tokenizer');
    await expect(openScorer(dir!)).rejects.toMatchObject({ code: 'bundle_invalid', param: 'tokenizer.json' });
  });

  it('does not compare with the reference of another scorer', async () => {
    await copy();
    const reference = JSON.parse(await readFile(join(dir!, 'reference.json'), 'utf8')) as object;
    await replace('reference.json', JSON.stringify({ ...reference, imageGraph: 'f'.repeat(64) }));
    const scorer = await openScorer(dir!);
    expect(() => scorer.reference()).toThrow(expect.objectContaining({ code: 'bundle_invalid', param: 'imageGraph', message: expect.stringMatching(/made with the image graph f{64}, not with this scorer's/) }));
    await scorer.release();
    await replace('reference.json', JSON.stringify({ ...reference, count: 95 }));
    const other = await openScorer(dir!);
    expect(() => other.reference()).toThrow(/its parts have other sizes/);
    await other.release();
  });
});
