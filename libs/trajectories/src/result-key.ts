import { createHash } from 'node:crypto';
import type { GenerationSettings } from '@slipstream/contracts';

/**
 * 64 hex digits that name one finished picture: SHA-256 of the bundle's digest and of every setting that reaches its bytes,
 * its own seed among them. Where a fallback was made, of what was made.
 */
export function resultKey(bundle: string, settings: GenerationSettings, seed: number): string {
  const { prompt, strategy, steps, budget, knobs, guidance, temperature, outputFormat, outputCompression, background } = settings;
  const sorted = Object.entries(knobs).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const parts = ['slipstream result', 1, bundle, prompt, seed, strategy, steps, budget, sorted, guidance, temperature, outputFormat, outputCompression, background];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
