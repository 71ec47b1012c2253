import type { BundleManifest } from '@slipstream/contracts';
import type { Row, StepPlan, Turn } from '@slipstream/sampler';
import { Tensor } from 'onnxruntime-node';

type Feeds = Record<string, Tensor>;
type Block = Int32Array | Float32Array | Uint8Array;
type TurnOf<K extends Turn['kind']> = Extract<Turn, { kind: K }>;

/** Large inputs that a row already holds as one array: a lone row's is handed on uncopied. */
const HELD: Readonly<Record<string, (turn: Turn) => Float32Array>> = {
  features: (turn) => (turn as TurnOf<'head'>).features,
  last_features: (turn) => (turn as TurnOf<'shortcut' | 'partial'>).features,
  anchor_features: (turn) => (turn as TurnOf<'anchored'>).features,
  residual: (turn) => (turn as TurnOf<'tail'>).residual,
  cache: (turn) => (turn as TurnOf<'partial'>).cache,
  embed_noise: (turn) => (turn as TurnOf<'student'>).embedNoise,
};

/** Inputs of one number a row. */
const NUMBER: Readonly<Record<string, (row: Row) => number>> = {
  guidance: ({ guidance }) => guidance,
  temperature: ({ temperature }) => temperature,
  confidence_noise: ({ confidenceNoise }) => confidenceNoise,
  reveal_count: ({ revealCount }) => revealCount,
  mask_ratio: ({ maskRatio }) => maskRatio,
  anchor_mask_ratio: ({ turn }) => (turn as TurnOf<'anchored'>).anchorMaskRatio,
  noise_share: ({ turn }) => (turn as TurnOf<'student'>).noiseShare,
};

/** How one row writes each of the other inputs into its part of the block. */
const FILL: Readonly<Record<string, (row: Row, out: never) => void>> = {
  prompt: ({ turn, prompts }, out: Int32Array) => ('prompts' in turn ? turn.prompts : prompts).forEach((prompt, branch) => branch * prompt.length < out.length && out.set(prompt, branch * prompt.length)),
  tokens: ({ turn, tokens }, out: Int32Array) => out.set(turn.kind === 'student' ? turn.start : turn.kind === 'decode' ? (turn.tokens ?? tokens) : tokens),
  masked_positions: ({ maskedPositions }, out: Int32Array) => out.set(maskedPositions),
  uniforms: (row, out: Float32Array) => row.fillUniforms('token', positionsOf(row, out.length), out),
  confidence_uniforms: (row, out: Float32Array) => row.fillUniforms('confidence', positionsOf(row, out.length), out),
  revealed_since: ({ turn }, out: Int32Array) => out.set((turn as TurnOf<'anchored'>).revealed),
  selected: ({ turn }, out: Int32Array) => (turn as TurnOf<'partial'>).selected.forEach((positions, branch) => out.set(positions, branch * positions.length)),
  // New tokens ascending by position; the places left over hold token 0 at position 0 and are marked invalid.
  new_tokens: ({ turn, tokens }, out: Int32Array) => newsOf(turn).forEach((position, place) => (out[place] = tokens[position]!)),
  new_positions: ({ turn }, out: Int32Array) => out.set(newsOf(turn)),
  new_valid: ({ turn }, out: Uint8Array) => out.fill(1, 0, newsOf(turn).length),
};

/**
 * The memory that rows are gathered into before a run: one block an input, as long as the longest run, reused by every
 * run (one run at a time). Tensors over it are made once for each kind, shape and number of rows.
 */
export class InputArena {
  private readonly blocks = new Map<string, Block>();
  private readonly feeds = new Map<string, Feeds>();

  constructor(private readonly manifest: BundleManifest) {}

  /** The inputs of the plan's graph, filled from its rows. */
  gather(plan: StepPlan<Row>): Feeds {
    const known = this.feedsOf(plan);
    const feeds = { ...known };
    const { rows } = plan;
    for (const [name, tensor] of Object.entries(known)) {
      const held = HELD[name];
      if (held && rows.length === 1) feeds[name] = new Tensor('float32', held(rows[0]!.turn), tensor.dims);
      else write(name, tensor.data as Block, rows);
    }
    return feeds;
  }

  private feedsOf({ kind, rows, shape }: StepPlan<Row>): Feeds {
    const key = `${kind} ${shape.branches} ${shape.masked} ${shape.places} ${rows.length}`;
    const known = this.feeds.get(key);
    if (known) return known;
    const axes: Record<string, number> = { ...shape, rows: rows.length, new: shape.places, selected: shape.places };
    const feeds: Feeds = {};
    for (const { name, type, shape: dims } of this.manifest.graphs[kind]!.inputs) {
      const sizes = dims.map((axis) => (typeof axis === 'number' ? axis : axes[axis]!));
      const length = sizes.reduce((product, size) => product * size, 1);
      feeds[name] = new Tensor(type, this.block(`${name} ${type}`, type, length), sizes);
    }
    this.feeds.set(key, feeds);
    return feeds;
  }

  /** The first `length` elements of the input's block, which grows when a longer run comes; older tensors keep theirs. */
  private block(key: string, type: 'int32' | 'float32' | 'bool' | 'uint8', length: number): Block {
    let block = this.blocks.get(key);
    if (block === undefined || block.length < length) {
      block = type === 'int32' ? new Int32Array(length) : type === 'float32' ? new Float32Array(length) : new Uint8Array(length);
      this.blocks.set(key, block);
    }
    return block.subarray(0, length);
  }
}

function write(name: string, block: Block, rows: readonly Row[]): void {
  const size = block.length / rows.length;
  const [held, number] = [HELD[name], NUMBER[name]];
  if (name.startsWith('new_')) block.fill(0);
  rows.forEach((row, i) => {
    if (held) (block as Float32Array).set(held(row.turn), i * size);
    else if (number) block[i] = number(row);
    else FILL[name]!(row, block.subarray(i * size, (i + 1) * size) as never);
  });
}

const newsOf = (turn: Turn): readonly number[] => (turn as TurnOf<'shortcut'>).news;

/** Where a step samples: its masked positions, or all of a student's. */
function positionsOf({ maskedPositions }: Row, length: number): Int32Array {
  return maskedPositions.length === length ? maskedPositions : Int32Array.from({ length }, (_, position) => position);
}
