import type { BundleManifest } from '@slipstream/contracts';
import type { Row, StepPlan } from '@slipstream/sampler';
import { Tensor } from 'onnxruntime-node';

type Feeds = Record<string, Tensor>;
type Arrays = { int32: Int32Array; float32: Float32Array; bool: Uint8Array };

/**
 * The memory that rows are gathered into before a run: one block an input, as long as the longest run, reused by every
 * run (one run at a time). Tensors over it are made once for each kind, bucket and number of rows.
 */
export class InputArena {
  private readonly blocks = new Map<string, Int32Array | Float32Array | Uint8Array>();
  private readonly feeds = new Map<string, Feeds>();

  constructor(private readonly manifest: BundleManifest) {}

  /** The inputs of the plan's graph, filled from its rows. A lone row's features are handed on uncopied. */
  gather(plan: StepPlan<Row>): Feeds {
    const { kind, rows, bucket } = plan;
    const feeds = this.feedsOf(plan);
    const imageTokens = this.manifest.tokens.image;
    rows.forEach((row, i) => data(feeds, 'tokens', 'int32').set(row.tokens, i * imageTokens));
    if (kind === 'decode') return feeds;
    fillSampling(feeds, rows, imageTokens);
    if (kind === 'full') {
      rows.forEach((row, i) => data(feeds, 'prompt', 'int32').set(row.prompt, i * this.manifest.prompt.length));
      return feeds;
    }
    fillNews(feeds, rows, bucket);
    return { ...feeds, last_features: this.featuresOf(rows) };
  }

  private featuresOf(rows: readonly Row[]): Tensor {
    const { branches, positions, channels } = this.manifest.features;
    const shape = [rows.length, branches, positions, channels];
    if (rows.length === 1) return new Tensor('float32', rows[0]!.features!, shape);
    const size = branches * positions * channels;
    const block = this.block('last_features', 'float32', rows.length * size);
    rows.forEach((row, i) => block.set(row.features!, i * size));
    return new Tensor('float32', block, shape);
  }

  private feedsOf({ kind, rows, bucket }: StepPlan<Row>): Feeds {
    const key = `${kind} ${bucket} ${rows.length}`;
    const known = this.feeds.get(key);
    if (known) return known;
    const feeds: Feeds = {};
    for (const { name, type, shape } of this.manifest.graphs[kind].inputs) {
      if (name === 'last_features') continue; // a tensor of its own for each run, see featuresOf
      const dims = shape.map((axis) => (axis === 'rows' ? rows.length : axis === 'new' ? bucket : Number(axis)));
      const size = dims.reduce((product, axis) => product * axis, 1);
      feeds[name] = new Tensor(type, this.block(name, type as keyof Arrays, size), dims);
    }
    this.feeds.set(key, feeds);
    return feeds;
  }

  /** The first `length` elements of the input's block, which grows when a longer run comes; older tensors keep theirs. */
  private block<T extends keyof Arrays>(name: string, type: T, length: number): Arrays[T] {
    let block = this.blocks.get(name);
    if (block === undefined || block.length < length) {
      block = type === 'int32' ? new Int32Array(length) : type === 'bool' ? new Uint8Array(length) : new Float32Array(length);
      this.blocks.set(name, block);
    }
    return block.subarray(0, length) as Arrays[T];
  }
}

function fillSampling(feeds: Feeds, rows: readonly Row[], imageTokens: number): void {
  const uniforms = data(feeds, 'uniforms', 'float32');
  const confidenceUniforms = data(feeds, 'confidence_uniforms', 'float32');
  rows.forEach((row, i) => {
    row.fillUniforms('token', uniforms.subarray(i * imageTokens, (i + 1) * imageTokens));
    row.fillUniforms('confidence', confidenceUniforms.subarray(i * imageTokens, (i + 1) * imageTokens));
    data(feeds, 'guidance', 'float32')[i] = row.guidance;
    data(feeds, 'temperature', 'float32')[i] = row.temperature;
    data(feeds, 'confidence_noise', 'float32')[i] = row.confidenceNoise;
    data(feeds, 'reveal_count', 'int32')[i] = row.revealCount;
  });
}

/** New tokens ascending by position; the places left over hold token 0 at position 0 and are marked invalid. */
function fillNews(feeds: Feeds, rows: readonly Row[], bucket: number): void {
  const newTokens = data(feeds, 'new_tokens', 'int32').fill(0);
  const newPositions = data(feeds, 'new_positions', 'int32').fill(0);
  const newValid = data(feeds, 'new_valid', 'bool').fill(0);
  rows.forEach((row, i) => {
    data(feeds, 'mask_ratio', 'float32')[i] = row.maskRatio;
    row.newPositions.forEach((position, place) => {
      newTokens[i * bucket + place] = row.tokens[position]!;
      newPositions[i * bucket + place] = position;
      newValid[i * bucket + place] = 1;
    });
  });
}

function data<T extends keyof Arrays>(feeds: Feeds, name: string, _type: T): Arrays[T] {
  return feeds[name]!.data as unknown as Arrays[T];
}
