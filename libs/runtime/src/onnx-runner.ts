import { performance } from 'node:perf_hooks';
import { graphNames, type BundleManifest, type GraphName } from '@slipstream/contracts';
import type { Model, ModelRunner, Row, RunResult, StepPlan } from '@slipstream/sampler';
import { Tensor, type InferenceSession } from 'onnxruntime-node';
import { openGraph, type SessionOptions } from './graph-session.js';
import { InputArena } from './input-arena.js';

/** The bytes of each graph. */
export type GraphFiles = Readonly<Record<GraphName, Uint8Array>>;

/** The sampler's model runner over onnxruntime-node. Blocks its thread while a graph runs; one thread owns it. */
export class OnnxRunner implements ModelRunner {
  private readonly arena: InputArena;

  private constructor(
    readonly model: Model,
    private readonly manifest: BundleManifest,
    private readonly sessions: Readonly<Record<GraphName, InferenceSession>>,
  ) {
    this.arena = new InputArena(manifest);
  }

  /** Throws SlipstreamError `bundle_invalid` or `configuration_invalid`; see `openGraph`. */
  static async open(manifest: BundleManifest, files: GraphFiles, options: SessionOptions): Promise<OnnxRunner> {
    const sessions: Partial<Record<GraphName, InferenceSession>> = {};
    for (const name of graphNames) sessions[name] = await openGraph(manifest.graphs[name], files[name], options);
    return new OnnxRunner(modelOf(manifest), manifest, sessions as Record<GraphName, InferenceSession>);
  }

  async run(plan: StepPlan<Row>): Promise<RunResult> {
    const { outputs, seconds } = await timed(this.sessions[plan.kind], this.arena.gather(plan));
    const rows = plan.rows.length;
    if (plan.kind === 'decode') return { seconds, pixels: byRow(outputs['pixels']!.data as Uint8Array, rows) };
    return {
      seconds,
      nextTokens: byRow(outputs['next_tokens']!.data as Int32Array, rows),
      features: byRow(outputs['features']!.data as Float32Array, rows),
    };
  }

  /** Tokens of pictures → their vectors. Gathers into memory of its own, for a run may be under way. */
  async embed(pictures: readonly Int32Array[]): Promise<Float32Array[]> {
    const size = this.manifest.tokens.image;
    const tokens = new Int32Array(pictures.length * size);
    pictures.forEach((picture, i) => tokens.set(picture, i * size));
    const { vectors } = await this.sessions.embed.run({ tokens: new Tensor('int32', tokens, [pictures.length, size]) });
    return byRow(vectors!.data as Float32Array, pictures.length);
  }

  /** Frees the graphs' memory. No run may be under way or come after. */
  async release(): Promise<void> {
    for (const name of graphNames) await this.sessions[name].release();
  }
}

export function modelOf({ tokens, prompt, newTokenBuckets, sampling }: BundleManifest): Model {
  const { schedule, guidanceRamp, confidenceTemperature } = sampling;
  const sizes = { imageTokens: tokens.image, mask: tokens.mask, promptLength: prompt.length, newTokenBuckets };
  return { ...sizes, schedule, guidanceRamp, confidenceTemperature };
}

/**
 * Runs a graph and times it alone: `session.run` waits for the next turn of the event loop before its (synchronous)
 * call, and a callback queued for that turn just before it starts the clock. What the turn did else is not counted.
 */
async function timed(
  session: InferenceSession,
  feeds: Record<string, Tensor>,
): Promise<{ outputs: InferenceSession.OnnxValueMapType; seconds: number }> {
  let startedMs = 0;
  setImmediate(() => (startedMs = performance.now()));
  const outputs = await session.run(feeds);
  return { outputs, seconds: (performance.now() - startedMs) / 1000 };
}

/** Equal parts of a batch's output, as views. */
function byRow<T extends Int32Array | Float32Array | Uint8Array>(batch: T, rows: number): T[] {
  const size = batch.length / rows;
  return Array.from({ length: rows }, (_, i) => batch.subarray(i * size, (i + 1) * size) as T);
}
