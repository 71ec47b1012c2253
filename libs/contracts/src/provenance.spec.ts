import { expect, it } from 'vitest';
import { pictureText, wireFallback, wireKnobs } from './provenance.js';

it('writes what the request decides into a picture, and no clock reading', () => {
  const settings = {
    model: 'tiny', prompt: 'pizza', n: 2, seed: 7, strategy: 'shortcut', steps: 8, budget: 3, knobs: { placement: 'mass' }, guidance: 2, temperature: 1,
    outputFormat: 'png', outputCompression: 100, background: 'transparent',
  } as const;
  const result = { fullSteps: 3, shortcutSteps: 5, partialSteps: 0, remembered: 2, seconds: { waiting: 1, engine: 2 } };
  expect(pictureText(settings, { bundle: 'ab', seed: 8, ...result })).toEqual({
    bundle: 'ab', seed: 8, strategy: 'shortcut', steps: 8, full_steps: 3, shortcut_steps: 5, partial_steps: 0,
    budget: 3, placement: 'mass', guidance: 2, temperature: 1, prompt: 'pizza',
  });
});

it('writes knobs as requests do', () => {
  expect(wireKnobs({ minGap: 2, cacheRatio: 0.9, order: 1 })).toEqual({ min_gap: 2, cache_ratio: 0.9, order: 1 });
});

it('tells what was asked for where something safer was made', () => {
  const from = { strategy: 'shortcut', steps: 8, budget: 3, knobs: { placement: 'steps' }, guidance: 2, temperature: 1 } as const;
  expect(wireFallback({ fallback: { from, level: 1, reason: 'agreement' } })).toEqual({ fallback: { from: { strategy: 'shortcut', steps: 8, budget: 3 }, reason: 'agreement' } });
  expect(wireFallback({})).toEqual({});
});
