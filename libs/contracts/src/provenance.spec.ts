import { expect, it } from 'vitest';
import { pictureProvenance } from './provenance.js';

it('keeps clock readings out of a picture, so that equal requests give equal files', () => {
  const made = { bundle: 'ab', seed: 7, strategy: 'shortcut', steps: 8, full_steps: 3, shortcut_steps: 5, cache: { anchors: 0, result: 'off' } } as const;
  const monday = pictureProvenance({ ...made, seconds: { queued: 1, engine: 2 }, speedup: { value: 2, baseline: 'b', measured: true } });
  const tuesday = pictureProvenance({ ...made, seconds: { queued: 3, engine: 4 }, speedup: { value: 2.1, baseline: 'b', measured: true } });
  expect(monday).toEqual(tuesday);
  expect(Object.keys(monday)).toEqual(['bundle', 'seed', 'strategy', 'steps', 'full_steps', 'shortcut_steps']);
});
