import { expect, it } from 'vitest';
import { pictureText } from './provenance.js';

it('writes what the request decides into a picture, and no clock reading', () => {
  const settings = {
    model: 'tiny', prompt: 'pizza', n: 2, seed: 7, strategy: 'shortcut', steps: 8, budget: 3, guidance: 2, temperature: 1,
    outputFormat: 'png', outputCompression: 100, background: 'transparent',
  } as const;
  const result = { fullSteps: 3, shortcutSteps: 5, seconds: { waiting: 1, engine: 2 } };
  expect(pictureText(settings, { bundle: 'ab', seed: 8, ...result })).toEqual({
    bundle: 'ab', seed: 8, strategy: 'shortcut', steps: 8, full_steps: 3, shortcut_steps: 5,
    budget: 3, guidance: 2, temperature: 1, prompt: 'pizza',
  });
});
