import { describe, expect, it } from 'vitest';
import { preferenceIn } from './prefer.js';

describe('the patience of a client', () => {
  it.each([
    [undefined, 40, undefined],
    ['respond-async', 0, 'respond-async'],
    ['Respond-Async, wait=20', 0, 'respond-async'],
    ['wait=20', 20, 'wait=20'],
    ['handling=lenient; wait = "20"', 20, 'wait=20'],
    [['return=minimal', 'wait=5'], 5, 'wait=5'],
    ['wait=500', 50, 'wait=50'],
    ['wait=0', 0, 'wait=0'],
    ['wait', 50, 'wait=50'],
    ['wait=soon', 40, undefined],
    ['wait=-1', 40, undefined],
  ])('is read from Prefer: %j', (prefer, waitSeconds, applied) => {
    expect(preferenceIn(prefer, { unasked: 40, limitSeconds: 50 })).toEqual({ waitSeconds, applied });
  });
});
