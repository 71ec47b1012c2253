import { expect, it } from 'vitest';
import { drawn } from './drawn.js';

it('draws the asked share, the same pictures every time, others for another purpose', () => {
  const pictures = Array.from({ length: 20_000 }, (_, i) => `gen_${i}/0`);
  const draw = (share: number, purpose = 'audit') => pictures.filter((picture) => drawn(picture, { share, purpose }));
  expect(draw(0.1).length / pictures.length).toBeCloseTo(0.1, 1.7);
  expect(draw(0.1)).toEqual(draw(0.1));
  expect(draw(0.1)).not.toEqual(draw(0.1, 'score'));
  expect([draw(0).length, draw(1).length]).toEqual([0, pictures.length]);
  expect(new Set(draw(0.2))).toEqual(new Set([...draw(0.2), ...draw(0.1)])); // a larger share holds the smaller
});
