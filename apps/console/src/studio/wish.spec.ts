import type { GenerationObject } from '@slipstream/client';
import { describe, expect, it } from 'vitest';
import { presetsOf } from './presets';
import { model } from './testing/model';
import { requestsOf, wishAgain, wishIn, wishOf } from './wish';

const presets = presetsOf(model);
const of = (query: string) => wishIn(new URLSearchParams(query), presets);

describe('a wish', () => {
  it('comes back from the address that it was written to', () => {
    const wish = wishOf({ prompt: ' café & co #1', seed: 9007199254740991, strategy: 'anchored', budget: 5, beside: false, chosen: { steps: 20, guidance: 3.5, n: 4, output_format: 'webp', placement: 'mass' } });
    expect(of(new URLSearchParams(wish.asQuery).toString())).toEqual(wish);
  });

  it.each(['seed=-1', 'seed=1e3', 'budget=0', 'budget=33', 'strategy=nonsense', 'steps=0', 'steps=2.5', 'guidance=21', 'output_format=gif', 'placement=nowhere', 'tolerance=1'])('takes no nonsense from an address: %s', (query) => {
    expect(of(query)).toEqual(of(''));
  });

  it('is two requests with one seed, one where vanilla is wanted alone', () => {
    const [fast, plain] = requestsOf(of('prompt=sun&seed=3&placement=mass&output_format=webp'), presets);
    expect(fast).toMatchObject({ prompt: 'sun', seed: 3, cache: 'off', output_format: 'webp', acceleration: { strategy: 'anchored', budget: 3, placement: 'mass' } });
    expect(plain).toEqual({ prompt: 'sun', seed: 3, cache: 'off', partial_images: 8, output_format: 'webp', acceleration: { strategy: 'vanilla', steps: 32 } });
    expect(requestsOf(of('strategy=vanilla'), presets)).toHaveLength(1);
    expect(requestsOf(of('beside=no'), presets)).toHaveLength(1);
  });

  it('asks for no more full steps than there are steps', () => {
    expect(requestsOf(of('steps=2'), presets)[0]!.acceleration).toEqual({ strategy: 'anchored', steps: 2, budget: 2 });
  });

  it('has of a generation all that made it what it is, and nothing that is usual', () => {
    const made = { prompt: 'sun', seed: 3, n: 2, size: '32x32', output_format: 'jpeg', output_compression: 60, background: 'opaque', acceleration: { strategy: 'anchored', steps: 32, budget: 4, guidance: 2, temperature: 0.8, placement: 'mass' } };
    const wish = wishAgain(made as unknown as GenerationObject, presets)!;
    expect(wish.chosen).toEqual({ n: 2, output_format: 'jpeg', output_compression: 60, background: 'opaque', temperature: 0.8, placement: 'mass' });
    expect(requestsOf(wish, presets)).toMatchObject([{ prompt: 'sun', seed: 3, n: 2, output_format: 'jpeg', output_compression: 60, background: 'opaque', acceleration: { strategy: 'anchored', steps: 32, budget: 4, temperature: 0.8, placement: 'mass' } }]);
    expect(wishAgain({ ...made, acceleration: { strategy: 'gone' } } as unknown as GenerationObject, presets)).toBeUndefined();
  });
});
