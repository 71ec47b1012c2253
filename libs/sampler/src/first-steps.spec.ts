import { describe, expect, it } from 'vitest';
import { RecentFirstSteps } from './first-steps.js';

const prompt = (word: number): Int32Array => Int32Array.of(word, 0);
const branch = (value: number, channels = 4): Float32Array => new Float32Array(channels).fill(value);

describe('the memory of first steps', () => {
  it('knows a prompt by its ids', () => {
    const memory = new RecentFirstSteps();
    memory.set(prompt(1), branch(1));
    expect(memory.get(prompt(1))).toEqual(branch(1));
    expect(memory.get(prompt(2))).toBeUndefined();
    expect(memory.get(Int32Array.of(1))).toBeUndefined();
  });

  it('forgets the branch whose last use is longest ago when it holds more bytes than it may', () => {
    const memory = new RecentFirstSteps(3 * 16);
    [1, 2, 3].forEach((word) => memory.set(prompt(word), branch(word)));
    memory.get(prompt(1));
    memory.set(prompt(4), branch(4));
    expect([1, 2, 3, 4].filter((word) => memory.get(prompt(word)))).toEqual([1, 3, 4]);
  });

  it('counts a branch once, however often it is set', () => {
    const memory = new RecentFirstSteps(2 * 16);
    memory.set(prompt(1), branch(1));
    for (let time = 0; time < 5; time++) memory.set(prompt(2), branch(time));
    expect([memory.get(prompt(1)), memory.get(prompt(2))]).toEqual([branch(1), branch(4)]);
  });

  it('makes room for a large branch, and keeps none that is larger than itself', () => {
    const memory = new RecentFirstSteps(3 * 16);
    [1, 2, 3].forEach((word) => memory.set(prompt(word), branch(word)));
    memory.set(prompt(4), branch(4, 8));
    expect([1, 2, 3, 4].filter((word) => memory.get(prompt(word)))).toEqual([3, 4]);
    memory.set(prompt(5), branch(5, 16));
    expect(memory.get(prompt(5))).toBeUndefined();
    memory.set(prompt(6), branch(6));
    expect(memory.get(prompt(6))).toEqual(branch(6));
  });
});
