import { describe, expect, it } from 'vitest';
import { patienceSeconds } from './prefer.js';

describe('the patience of a client', () => {
  it.each([
    [undefined, 50],
    ['respond-async', 0],
    ['Respond-Async, wait=20', 0],
    ['wait=20', 20],
    ['handling=lenient; wait = "20"', 20],
    [['return=minimal', 'wait=5'], 5],
    ['wait=500', 50],
    ['wait=soon', 50],
    ['wait=-1', 50],
  ])('is read from Prefer: %j', (prefer, seconds) => {
    expect(patienceSeconds(prefer, 50)).toBe(seconds);
  });
});
