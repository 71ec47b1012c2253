import { availableParallelism } from 'node:os';
import type { BundleManifest } from '@slipstream/contracts';
import type { ModelRunner } from '@slipstream/sampler';
import { graphFiles, loadBundle } from './bundle.js';
import type { SessionOptions } from './graph-session.js';
import { OnnxRunner } from './onnx-runner.js';
import { promptEncoder } from './prompt-encoder.js';

/** A bundle's graphs without an engine: for tools that look inside a step. */
export interface OpenRunner extends ModelRunner {
  readonly manifest: BundleManifest;
  /** Prompt ids, (prompt.length); throws as `PromptEncoder` does. */
  encode(prompt: string): Int32Array;
  /** Pictures' tokens, (tokens) each, as vectors in the bundle's fixed feature space. */
  embed(tokens: readonly Int32Array[]): Promise<Float32Array[]>;
  /** Guided features (places, channels) → logits (places, codes); rejects with `bundle_invalid` where the bundle holds no such graph. */
  logits(guided: Float32Array): Promise<Float32Array>;
  /** Frees the graphs' memory; nothing may run afterwards. */
  release(): Promise<void>;
}

/**
 * Opens a bundle's graphs in the calling thread, which every run blocks. One thread of a process owns ONNX Runtime: call it
 * in a process without an engine, or after the engine was closed. Throws SlipstreamError as `openEngine` does.
 */
export async function openRunner(bundleDir: string, { executionProvider = 'cpu', threads = availableParallelism() }: Partial<SessionOptions> = {}): Promise<OpenRunner> {
  const bundle = await loadBundle(bundleDir);
  const prompts = promptEncoder(bundle);
  const runner = await OnnxRunner.open(bundle.manifest, graphFiles(bundle), { executionProvider, threads });
  return {
    manifest: bundle.manifest,
    model: runner.model,
    run: (plan) => runner.run(plan),
    encode: (prompt) => prompts.encode(prompt),
    embed: (tokens) => runner.embed(tokens),
    logits: (guided) => runner.logits(guided),
    release: () => runner.release(),
  };
}
