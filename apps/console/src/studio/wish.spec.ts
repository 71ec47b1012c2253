import { describe, expect, it } from 'vitest';
import { requestsOf, wishIn, wishOf } from './wish';

const presets = [
  { name: 'anchored', title: '', steps: 32, budget: 3 },
  { name: 'vanilla', title: '', steps: 32, budget: undefined },
];
const of = (query: string) => wishIn(new URLSearchParams(query), presets);

describe('a wish', () => {
  it('comes back from the address that it was written to', () => {
    const wish = wishOf({ prompt: 'café & co #1', seed: 9007199254740991, strategy: 'anchored', budget: 5, beside: false });
    expect(of(new URLSearchParams(wish.asQuery).toString())).toEqual(wish);
  });

  it.each(['seed=-1', 'seed=1e3', 'budget=0', 'budget=33', 'strategy=nonsense'])('takes no nonsense from an address: %s', (query) => {
    expect(of(query)).toEqual(of(''));
  });

  it('is two requests with one seed, one where vanilla is wanted alone', () => {
    const [fast, plain] = requestsOf(of('prompt=sun&seed=3'), presets);
    expect(fast).toMatchObject({ prompt: 'sun', seed: 3, cache: 'off', acceleration: { strategy: 'anchored', budget: 3 } });
    expect(plain).toMatchObject({ prompt: 'sun', seed: 3, acceleration: { strategy: 'vanilla', steps: 32 } });
    expect(requestsOf(of('strategy=vanilla'), presets)).toHaveLength(1);
    expect(requestsOf(of('beside=no'), presets)).toHaveLength(1);
  });
});
