import { samplingKey, type Sampling } from '@slipstream/contracts';
import type { Audit, Fallback, QualityBoard } from '@slipstream/queue';
import type { Engine, SampleRequest, SampleResult } from '@slipstream/runtime';

/** A board in memory, of one worker alone. For specs. */
export class FakeBoard implements Pick<QualityBoard, 'add' | 'change' | 'update' | 'fallbacks' | 'fallbackOf'> {
  readonly fallbacks = new Map<string, Fallback>();
  readonly values = new Map<string, string>();
  readonly #windows = new Map<string, Audit[]>();

  fallbackOf(asked: Sampling): Fallback | undefined {
    return this.fallbacks.get(samplingKey(asked));
  }

  async add(asked: Sampling, level: number, { audit, keep }: { audit: Audit; keep: number }) {
    const key = `${samplingKey(asked)} ${level}`;
    const window = [...(this.#windows.get(key) ?? []), audit].slice(-keep);
    this.#windows.set(key, window);
    return { window, fallback: this.fallbackOf(asked) };
  }

  async change(asked: Sampling, { to }: { from: Fallback | undefined; to: Fallback | undefined }): Promise<boolean> {
    if (to) this.fallbacks.set(samplingKey(asked), to);
    else this.fallbacks.delete(samplingKey(asked));
    this.#windows.clear();
    return true;
  }

  async update(name: string, next: (present: string | undefined) => string): Promise<string> {
    const value = next(this.values.get(name));
    this.values.set(name, value);
    return value;
  }
}

/** Scores a picture by its first byte. For specs. */
export const fakeScorer: Pick<Engine, 'score' | 'scorers'> = {
  scorers: [{ name: 'first-byte', space: { scorer: 'f'.repeat(64), channels: 2 }, reference: { count: 2, mean: Float64Array.of(0, 0), covariance: Float64Array.of(1, 0, 0, 1), names: [], vectors: [] } }],
  score: async ({ pixels }) => [{ scorer: 'first-byte', value: pixels[0]!, features: Float32Array.of(pixels[0]! / 100, 0.5) }],
};

/** A picture of one colour and token. For specs. */
export function fakePicture({ value, token = 0, seconds = 1 }: { value: number; token?: number; seconds?: number }, { steps, budget }: Pick<SampleRequest, 'steps' | 'budget'>): SampleResult {
  return {
    pixels: new Uint8Array(16).fill(value), width: 2, height: 2, promptIds: new Int32Array(4), tokens: new Int32Array(16).fill(token), revealedAt: new Int32Array(16), stepMap: `${'F'.repeat(budget)}${'s'.repeat(steps - budget)}`, fullSteps: budget, shortcutSteps: steps - budget,
    partialSteps: 0, remembered: 0, seconds: { waiting: 0, engine: seconds }, speedup: { value: 1, baseline: 'vanilla', measured: false },
  };
}
