import { describe, expect, it } from 'vitest';
import { relativeError } from './relative-error.js';
import { TINY_MODEL } from './testing/fake-model-runner.js';

describe('the error of a prediction', () => {
  const features = (value: (position: number, branch: number) => number): Float32Array =>
    Float32Array.from({ length: 80 }, (_, at) => value(Math.floor(at / 2) % 20, Math.floor(at / 40)));
  const tokens = Int32Array.from({ length: 16 }, (_, position) => (position < 2 ? TINY_MODEL.mask : 0));
  const model = TINY_MODEL;

  it('is the length of the difference over the length of the truth, at masked positions of every branch', () => {
    const predicted = features((position, branch) => (position === 4 && branch === 1 ? 3 : 2));
    const truth = features((_, branch) => (branch === 0 ? 2 : 1));
    // Four masked positions of two channels: differences 0, 0, 2, 1 and truths 2, 2, 1, 1, twice each.
    expect(relativeError(predicted, truth, { tokens, model })).toBeCloseTo(Math.sqrt(10 / 20));
  });

  it('finds the picture behind marks and between ends of lines', () => {
    const apart = { ...model, positions: 28, first: 6, lineLength: 5 }; // 4 + 2 before it, one behind each line
    const lastLine = Int32Array.from({ length: 16 }, (_, position) => (position === 12 ? model.mask : 0));
    const truth = new Float32Array(2 * 28 * 2).fill(1);
    const predicted = truth.map((value, at) => (Math.floor(at / 2) % 28 === 6 + 3 * 5 ? 3 : value));
    expect(relativeError(predicted, truth, { tokens: lastLine, model: apart })).toBe(2);
    expect(relativeError(predicted, truth, { tokens, model: apart })).toBe(0);
  });

  it('passes the prompt and revealed positions by', () => {
    const truth = features(() => 1);
    expect(relativeError(features((position) => (position === 4 || position === 5 ? 1 : 9)), truth, { tokens, model })).toBe(0);
    expect(relativeError(features(() => 9), truth, { tokens: new Int32Array(16), model })).toBe(0);
  });
});
