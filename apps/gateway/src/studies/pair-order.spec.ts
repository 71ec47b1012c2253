import { describe, expect, it } from 'vitest';
import type { StudyPair } from '@slipstream/contracts';
import { pairOrder } from './pair-order.js';

const arm = { name: 'a', acceleration: {}, sampling: { strategy: 'vanilla', steps: 8, budget: 8, knobs: {}, guidance: 1, temperature: 1 } } as const;
const study = { id: 'study_1', prompts: Array.from({ length: 50 }, (_, i) => `p${i}`), seeds: [3, 4], candidates: [arm, arm], votesWanted: 10 };
const nameOf = ({ candidate, prompt, seed }: StudyPair): string => `${candidate} ${prompt} ${seed}`;
const tally = (given: { candidates?: number[]; pairs?: Record<string, number> } = {}) => ({
  ofCandidate: (candidate: number) => given.candidates?.[candidate] ?? 0,
  ofPair: (pair: StudyPair) => given.pairs?.[nameOf(pair)] ?? 0,
});

describe('the order of pairs', () => {
  it('has every pair once, mixed, the same each time, and another one in another study', () => {
    const order = pairOrder(study, tally()).map(nameOf);
    expect(new Set(order).size).toBe(200);
    expect(pairOrder(study, tally()).map(nameOf)).toEqual(order);
    expect(pairOrder({ ...study, id: 'study_2' }, tally()).map(nameOf)).not.toEqual(order);
    const first = pairOrder(study, tally()).slice(0, 100);
    const ofOne = first.filter(({ candidate }) => candidate === 0).length;
    expect(ofOne).toBeGreaterThan(30);
    expect(ofOne).toBeLessThan(70);
  });

  it('puts the pairs with the fewest votes first, and leaves out a candidate that has all', () => {
    const [voted] = pairOrder(study, tally()).map(nameOf);
    expect(pairOrder(study, tally({ pairs: { [voted!]: 1 } })).map(nameOf).at(-1)).toBe(voted);
    expect(pairOrder(study, tally({ candidates: [10, 9] })).every(({ candidate }) => candidate === 1)).toBe(true);
    expect(pairOrder(study, tally({ candidates: [10, 10] }))).toEqual([]);
  });
});
