import { performance } from 'node:perf_hooks';
import { SlipstreamError, type BundleManifest } from '@slipstream/contracts';
import type { Model, ModelRunner, Row, RowOutput, RunResult, StepPlan } from '@slipstream/sampler';
import { Tensor, type InferenceSession } from 'onnxruntime-node';
import { isLarge } from './bundle.js';
import type { SessionOptions } from './graph-session.js';
import { GraphSessions, type GraphFiles } from './graph-sessions.js';
import { InputArena } from './input-arena.js';

type Batch = Int32Array | Float32Array | Uint8Array;

/** An output's place in what a row gets. */
const OUTPUTS: Readonly<Record<string, keyof RowOutput>> = {
  next_tokens: 'nextTokens', features: 'features', guided: 'guided', residual: 'residual', velocity: 'velocity', next_cache: 'cache',
  max_logits: 'maxLogits', ranks: 'ranks', pixels: 'pixels',
};

/** The sampler's model runner over onnxruntime-node. Blocks its thread while a graph runs; one thread owns it. */
export class OnnxRunner implements ModelRunner {
  private readonly arena: InputArena;

  private constructor(
    readonly model: Model,
    private readonly manifest: BundleManifest,
    private readonly sessions: GraphSessions,
  ) {
    this.arena = new InputArena(manifest);
  }

  /** Opens every graph, or of a large bundle none yet. Throws SlipstreamError `bundle_invalid` or `configuration_invalid`; see `openGraph`. */
  static async open(manifest: BundleManifest, files: GraphFiles, options: SessionOptions): Promise<OnnxRunner> {
    const large = isLarge(manifest);
    const sessions = new GraphSessions(manifest, files, { ...options, lean: large });
    if (!large) await sessions.openAll();
    return new OnnxRunner(modelOf(manifest), manifest, sessions);
  }

  async run(plan: StepPlan<Row>): Promise<RunResult> {
    const wanted = this.manifest.graphs[plan.kind]!.outputs.map(({ name }) => name).filter((name) => isWanted(name, plan));
    const { outputs, seconds } = await timed(await this.sessions.get(plan.kind), this.arena.gather(plan), wanted);
    const rows = plan.rows.map((): Record<string, unknown> => ({}));
    for (const name of wanted) {
      byRow(outputs[name]!.data as Batch, rows.length).forEach((part, i) => (rows[i]![OUTPUTS[name]!] = name === 'velocity' ? part[0] : part));
    }
    return { seconds, rows };
  }

  /** Tokens of pictures → their vectors. Gathers into memory of its own, for a run may be under way. */
  async embed(pictures: readonly Int32Array[]): Promise<Float32Array[]> {
    const size = this.manifest.tokens.image;
    const tokens = new Int32Array(pictures.length * size);
    pictures.forEach((picture, i) => tokens.set(picture, i * size));
    const embed = await this.sessions.get('embed');
    const { vectors } = await embed.run({ tokens: new Tensor('int32', tokens, [pictures.length, size]) });
    return byRow(vectors!.data as Float32Array, pictures.length);
  }

  /** Guided features (places, channels) → logits (places, codes). Rejects with `bundle_invalid` when the bundle has no such graph. */
  async logits(guided: Float32Array): Promise<Float32Array> {
    if (!this.manifest.graphs.logits) throw new SlipstreamError('bundle_invalid', `${this.manifest.name} holds no logits graph`, { param: 'graphs.logits', remedy: 'export the bundle again' });
    const { channels } = this.model;
    const graph = await this.sessions.get('logits');
    const { logits } = await graph.run({ guided: new Tensor('float32', guided, [1, guided.length / channels, channels]) });
    return logits!.data as Float32Array;
  }

  /** Frees the graphs' memory. No run may be under way or come after. */
  async release(): Promise<void> {
    await this.sessions.release();
  }
}

export function modelOf({ tokens, prompt, features, newTokenBuckets, maskedBuckets, selectedBuckets, sampling }: BundleManifest): Model {
  const { schedule, guidanceRamp, confidenceTemperature, confidenceRamp } = sampling;
  const { image: imageTokens, gridWidth, gridHeight, mask } = tokens;
  const { positions, channels, layers, first, lineLength } = features;
  return {
    imageTokens, gridWidth, gridHeight, mask, promptLength: prompt.length, pad: prompt.pad, positions, channels, layers, first, lineLength,
    unconditional: 'unconditional' in prompt ? prompt.unconditional : undefined,
    newTokenBuckets, maskedBuckets, selectedBuckets, schedule, guidanceRamp, confidenceTemperature, confidenceRamp,
  };
}

/** Only who extrapolates reads the residual, only tools what a prediction samples from: nobody else pays for its way out of the graph. */
function isWanted(output: string, { kind, rows }: StepPlan<Row>): boolean {
  if (output === 'residual') return rows.some(({ turn }) => turn.kind === 'full' && turn.residual === true);
  if (output === 'guided' || (output === 'features' && kind === 'tail')) return rows.some(({ turn }) => turn.kind !== 'decode' && turn.inspected === true);
  return true;
}

/**
 * Runs a graph and times it alone: `session.run` waits for the next turn of the event loop before its (synchronous)
 * call, and a callback queued for that turn just before it starts the clock. What the turn did else is not counted.
 */
async function timed(
  session: InferenceSession,
  feeds: Record<string, Tensor>,
  outputNames: readonly string[],
): Promise<{ outputs: InferenceSession.OnnxValueMapType; seconds: number }> {
  let startedMs = 0;
  setImmediate(() => (startedMs = performance.now()));
  const outputs = await session.run(feeds, outputNames);
  return { outputs, seconds: (performance.now() - startedMs) / 1000 };
}

/** Equal parts of a batch's output, as views. */
function byRow<T extends Batch>(batch: T, rows: number): T[] {
  const size = batch.length / rows;
  return Array.from({ length: rows }, (_, i) => batch.subarray(i * size, (i + 1) * size) as T);
}
