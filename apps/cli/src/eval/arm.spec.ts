import { exampleManifest } from '@slipstream/contracts/testing';
import { strategyNames } from '@slipstream/contracts';
import { describe, expect, it } from 'vitest';
import { armsOf, chosenArms } from './arm.js';

const arms = (quick: boolean, overrides = {}) => armsOf({ manifest: exampleManifest(overrides) }, { quick });

describe('the arms of an evaluation', () => {
  it('hold every strategy that the bundle serves, the reference first and once more with other seeds', () => {
    const all = arms(false);
    expect(all.slice(0, 2).map(({ id, rerun }) => [id, rerun])).toEqual([['vanilla', undefined], ['vanilla-rerun', true]]);
    expect(new Set(all.map(({ sampling }) => sampling.strategy))).toEqual(new Set(strategyNames));
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
  });

  it('hold several budgets, few steps and other knobs, and when quick the default budget alone', () => {
    const ids = (quick: boolean) => arms(quick).map(({ id }) => id);
    expect(ids(false)).toEqual(expect.arrayContaining(['vanilla-n4', 'shortcut-b2', 'shortcut-b3', 'adaptive-b4', 'taylorseer-b4-order-2', 'shortcut-b3-placement-mass']));
    expect(ids(true).filter((id) => id.startsWith('shortcut'))).toEqual(['shortcut-b3']);
  });

  it('leave out what the bundle does not serve', () => {
    const few = arms(false, { strategies: ['vanilla', 'shortcut'] });
    expect(new Set(few.map(({ sampling }) => sampling.strategy))).toEqual(new Set(['vanilla', 'shortcut']));
  });
});

describe('a list of arms', () => {
  it('keeps what every arm is held against', () => {
    expect(chosenArms(arms(false), 'shortcut-b2, halton').map(({ id }) => id)).toEqual(['vanilla', 'vanilla-rerun', 'halton', 'shortcut-b2']);
    expect(chosenArms(arms(false), undefined)).toEqual(arms(false));
  });

  it('with one that is none is refused by name', () => {
    expect(() => chosenArms(arms(false), 'shortcut-b99')).toThrow(expect.objectContaining({ code: 'invalid_request', param: '--arms', message: expect.stringContaining('shortcut-b99') }));
  });
});
