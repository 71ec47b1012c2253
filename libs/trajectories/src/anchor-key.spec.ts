import { expect, it } from 'vitest';
import { AnchorKeys } from './anchor-key.js';

const ids = (...values: number[]): Int32Array => Int32Array.from(values);
const usual = { bundle: 'b1', precision: 'fp32 cpu' };

it('names an anchor by all that decides it, and by nothing else', () => {
  const key = new AnchorKeys(usual).of(ids(1, 2), ids(3, 4));
  expect(key).toMatch(/^[0-9a-f]{64}$/);
  expect(new AnchorKeys({ ...usual }).of(ids(1, 2), ids(3, 4))).toBe(key);
  const others = [
    new AnchorKeys({ ...usual, bundle: 'b2' }).of(ids(1, 2), ids(3, 4)),
    new AnchorKeys({ ...usual, precision: 'fp16 cpu' }).of(ids(1, 2), ids(3, 4)),
    new AnchorKeys(usual).of(ids(1), ids(2, 3, 4)),
    new AnchorKeys(usual).of(ids(12), ids(3, 4)),
    new AnchorKeys(usual).of(ids(1, 2), ids(3, 5)),
    new AnchorKeys({ bundle: 'b1", "fp32', precision: ' cpu' }).of(ids(1, 2), ids(3, 4)),
  ];
  expect(new Set([key, ...others]).size).toBe(1 + others.length);
});

it('never changes: what one version stored the next one finds', () => {
  expect(new AnchorKeys(usual).of(ids(1, 2), ids(3, 4))).toMatchInlineSnapshot(`"2e443367711aa95e3d8da66879165afa62d6cd33300e0cf99af73506979f5396"`);
});
