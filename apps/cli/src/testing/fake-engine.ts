import { countSteps, type BundleManifest } from '@slipstream/contracts';
import type { Engine, SampleRequest, SampleResult, StepReport } from '@slipstream/runtime';

export interface FakeEngineOptions {
  /** The tokens of a picture; by default made from prompt and seed. */
  readonly tokensOf?: (request: SampleRequest) => number[];
  /** Rejects every submit. */
  readonly failure?: Error;
}

/** A 2×2 bundle of 4 tokens, 4 steps, 2 of them full. */
export const fakeManifest = {
  name: 'fake',
  image: { width: 2, height: 2, channels: 4 },
  tokens: { image: 4, gridWidth: 2, gridHeight: 2, codes: 250, mask: 250 },
  prompt: { tokenizer: 'tokenizer.json', length: 8, pad: 0, unknown: 1 },
  sampling: { strategy: 'shortcut', steps: 4, budget: 2, knobs: {}, guidance: 2, temperature: 1 },
  strategies: ['vanilla', 'shortcut'],
  reference: 'reference.json',
  weights: 'weights.bin',
  files: [],
  training: {},
} as unknown as BundleManifest;

/** An engine without a model: deterministic, at once, a full step costs ten shortcut steps. */
export function fakeEngine({ tokensOf = someTokens, failure }: FakeEngineOptions = {}): Engine {
  const listeners = new Set<(report: StepReport) => void>();
  const submit = async (request: SampleRequest, options: { signal?: AbortSignal } = {}): Promise<SampleResult> => {
    options.signal?.throwIfAborted();
    if (failure) throw failure;
    const fullSteps = request.strategy === 'vanilla' ? request.steps : request.budget;
    const shortcutSteps = request.steps - fullSteps;
    const report = (kind: StepReport['kind'], seconds: number): void =>
      listeners.forEach((listener) => listener({ kind, rows: 1, shape: { branches: 2, masked: 4, places: 0 }, seconds }));
    for (let i = 0; i < fullSteps; i += 1) report('full', 0.01);
    for (let i = 0; i < shortcutSteps; i += 1) report('shortcut', 0.001);
    report('decode', 0.002);
    return picture(tokensOf(request), `${'F'.repeat(fullSteps)}${'s'.repeat(shortcutSteps)}`);
  };
  return {
    manifest: fakeManifest,
    digest: 'd'.repeat(64),
    capacity: 16,
    submit,
    scorers: [],
    score: async () => [],
    embed: async (tokens) => tokens.map((row) => Float32Array.from(row)),
    on(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    share: () => undefined,
    stats: () => ({
      anchors: { hits: 0, misses: 0, sizeBytes: 0 },
      capacity: 16,
      rowsInUse: 0,
      waiting: 0,
      outsideOnnxShare: 0,
      rowSeconds: { full: 0.01, head: 0.0005, shortcut: 0.001, anchored: 0.001, tail: 0.001, partial: 0.005, student: 0.005, decode: 0.002 },
    }),
    died: new Promise(() => undefined),
    close: async () => undefined,
  };
}

function picture(tokens: number[], stepMap: string): SampleResult {
  return {
    stepMap,
    ...countSteps(stepMap),
    remembered: 0,
    pixels: Uint8Array.from(tokens.flatMap((token) => [token, token, token, 255])),
    width: 2,
    height: 2,
    promptIds: new Int32Array(4),
    tokens: Int32Array.from(tokens),
    revealedAt: new Int32Array(tokens.length),
    seconds: { waiting: 0, engine: 0.05 },
    speedup: { value: 2, baseline: 'every step full', measured: false },
  };
}

const someTokens = ({ prompt, seed }: SampleRequest): number[] =>
  [0, 1, 2, 3].map((i) => (prompt.length * 7 + seed * 13 + i * 5) % 250);
