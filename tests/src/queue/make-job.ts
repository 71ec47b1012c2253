import { randomUUID } from 'node:crypto';
import type { GenerationJob, GenerationSettings } from '@slipstream/contracts';

const settings: GenerationSettings = {
  model: 'tiny', prompt: 'apple', n: 1, seed: 7, strategy: 'shortcut', steps: 8, budget: 3, knobs: { placement: 'steps' },
  guidance: 2, temperature: 1, outputFormat: 'png', outputCompression: 100, background: 'transparent',
};

/** A job of small defaults, with an id of its own. */
export function makeJob(given: Partial<Omit<GenerationJob, 'settings'>> & { settings?: Partial<GenerationSettings> } = {}): GenerationJob {
  return { id: `gen-${randomUUID()}`, requestId: 'request-1', createdAtMs: Date.now(), tenant: 'default', lane: 'interactive', ...given, settings: { ...settings, ...given.settings } };
}
