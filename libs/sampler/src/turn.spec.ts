import { describe, expect, it } from 'vitest';
import { TINY_MODEL } from './testing/fake-model-runner.js';
import { bucketFor, shapeOf, stepKind, type Turn } from './turn.js';

const prompts = [new Int32Array(4), new Int32Array(4)];
const features = new Float32Array(2 * 20 * 2);
const partial = (...counts: number[]): Turn => ({
  kind: 'partial', prompts, features, cache: new Float32Array(160), selected: counts.map((count) => Int32Array.from({ length: count }, (_, position) => position)),
});
const student: Turn = { kind: 'student', prompts, start: new Int32Array(16), embedNoise: new Float32Array(32), noiseShare: 0.1 };

describe('the shape of a turn', () => {
  it.each<[Turn, number, number, number, number]>([
    [{ kind: 'full', prompts }, 16, 2, 16, 0],
    [{ kind: 'full', prompts: prompts.slice(1) }, 9, 1, 16, 0],
    [{ kind: 'head', features }, 8, 2, 8, 0],
    [{ kind: 'shortcut', features: features.subarray(40), news: [3, 5, 6] }, 1, 1, 8, 4],
    [{ kind: 'anchored', features, anchorMaskRatio: 1, revealed: new Int32Array(16) }, 11, 2, 16, 0],
    [{ kind: 'tail', prompts, residual: features }, 4, 2, 8, 0],
    [partial(8, 8), 12, 2, 16, 8],
    [student, 16, 0, 0, 0],
    [{ kind: 'decode' }, 0, 0, 0, 0],
  ])('%# has the branches that take part, and the others in the smallest bucket that holds them', (turn, left, branches, masked, places) => {
    expect(shapeOf(turn, left, TINY_MODEL)).toEqual({ branches, masked, places });
  });

  it('has no bucket for more than there is', () => {
    expect(() => bucketFor(17, [2, 16])).toThrow(new RangeError('no bucket holds 17; the largest is 16'));
  });
});

describe('a step counts as', () => {
  it.each<[string, Turn]>([
    ['full', { kind: 'full', prompts }],
    ['full', { kind: 'head', features }],
    ['recalled', { kind: 'head', features, recalled: true }],
    ['full', student],
    ['full', partial(20, 20)],
    ['partial', partial(20, 8)],
    ['shortcut', { kind: 'shortcut', features, news: [1] }],
    ['shortcut', { kind: 'anchored', features, anchorMaskRatio: 1, revealed: new Int32Array(16) }],
    ['shortcut', { kind: 'tail', prompts, residual: features }],
  ])('%s when that is what it was sampled from: %#', (kind, turn) => {
    expect(stepKind(turn, TINY_MODEL)).toBe(kind);
  });
});
