import type { GenerationSettings } from '@slipstream/contracts';
import { expect, it } from 'vitest';
import { resultKey } from './result-key.js';

const settings: GenerationSettings = {
  model: 'tiny', prompt: 'apple', n: 1, seed: 7, strategy: 'adaptive', steps: 8, budget: 3, knobs: { minGap: 1, maxGap: 4 },
  guidance: 2, temperature: 1, outputFormat: 'png', outputCompression: 100, background: 'transparent',
};

it('tells pictures apart by all that reaches their bytes', () => {
  const changes: Partial<GenerationSettings>[] = [
    {}, { prompt: 'Apple' }, { strategy: 'shortcut' }, { steps: 9 }, { budget: 2 }, { knobs: { minGap: 2, maxGap: 4 } }, { guidance: 2.5 },
    { temperature: 0.9 }, { outputFormat: 'webp' }, { outputCompression: 90 }, { background: 'opaque' },
  ];
  const keys = changes.map((change) => resultKey('b1', { ...settings, ...change }, 7));
  expect(new Set([...keys, resultKey('b2', settings, 7), resultKey('b1', settings, 8)]).size).toBe(changes.length + 2);
});

it('knows a picture again in another request: by its own seed, in any order of knobs, as a fallback too', () => {
  const same: Partial<GenerationSettings>[] = [{ n: 4, seed: 5 }, { knobs: { maxGap: 4, minGap: 1 } }, { fallback: { from: settings, level: 1, reason: 'audits' } }, { model: 'renamed' }];
  for (const change of same) expect(resultKey('b1', { ...settings, ...change }, 7)).toBe(resultKey('b1', settings, 7));
});
