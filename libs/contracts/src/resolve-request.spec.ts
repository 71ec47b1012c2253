import { describe, expect, it } from 'vitest';
import { parseGenerationRequest } from './generation-request.js';
import { resolveRequest } from './resolve-request.js';
import { exampleManifest } from './testing/index.js';

const manifest = exampleManifest();
const resolve = (fields: object, limits = manifest) => resolveRequest(parseGenerationRequest({ prompt: 'pizza', ...fields }), limits, () => 7);

const bad: [string, object, string, string][] = [
  ['a size of another bundle', { size: '1024x1024' }, 'size', 'use 32x32 or auto'],
  ['a strategy nobody has', { acceleration: { strategy: 'magic' } }, 'acceleration.strategy', 'use vanilla or shortcut'],
  ['more steps than tokens', { acceleration: { steps: 17 } }, 'acceleration.steps', 'more than the 16 tokens of a picture; use 1 to 16'],
  ['more full steps than steps', { acceleration: { budget: 9 } }, 'acceleration.budget', 'more than the 8 steps; use 1 to 8'],
  ['more full steps than the steps asked for', { acceleration: { steps: 4, budget: 5 } }, 'acceleration.budget', 'more than the 4 steps'],
  ['a budget under the vanilla strategy', { acceleration: { strategy: 'vanilla', budget: 3 } }, 'acceleration.budget', 'leave it out'],
  ['a budget under high quality', { quality: 'high', acceleration: { budget: 3 } }, 'acceleration.budget', 'set acceleration.strategy to shortcut'],
  ['a transparent jpeg', { background: 'transparent', output_format: 'jpeg' }, 'background', 'output_format png or webp'],
  ['a seed without room for its pictures', { seed: Number.MAX_SAFE_INTEGER, n: 2 }, 'seed', 'use at most 9007199254740990'],
];

describe('resolveRequest', () => {
  it.each(bad)('refuses %s, naming the field and the remedy', (_, fields, param, words) => {
    expect(() => resolve(fields)).toThrow(expect.objectContaining({ code: 'invalid_request', param, message: expect.stringContaining(words) }));
  });

  it('refuses an unknown model as not found, naming the one it has', () => {
    expect(() => resolve({ model: 'dall-e-3' })).toThrow(expect.objectContaining({ code: 'model_not_found', httpStatus: 404, param: 'model', message: expect.stringContaining('use "tiny"') }));
  });

  it('makes the bundle\'s own choices where the request makes none', () => {
    expect(resolve({})).toEqual({
      model: 'tiny', prompt: 'pizza', n: 1, seed: 7, strategy: 'shortcut', steps: 8, budget: 3, guidance: 2, temperature: 1,
      outputFormat: 'png', outputCompression: 100, background: 'transparent',
    });
  });

  it.each([
    ['high', 'vanilla', 8], ['hd', 'vanilla', 8], ['auto', 'shortcut', 3], ['medium', 'shortcut', 3], ['standard', 'shortcut', 3], ['low', 'shortcut', 2],
  ])('turns quality %s into %s with %i full steps', (quality, strategy, budget) => {
    expect(resolve({ quality })).toMatchObject({ strategy, budget, steps: 8 });
  });

  it('lets explicit acceleration win over quality', () => {
    expect(resolve({ quality: 'high', acceleration: { strategy: 'shortcut', steps: 6, budget: 2, guidance: 0, temperature: 0.5 } }))
      .toMatchObject({ strategy: 'shortcut', steps: 6, budget: 2, guidance: 0, temperature: 0.5 });
  });

  it('takes the bundle\'s budget for an explicit shortcut strategy under high quality', () => {
    expect(resolve({ quality: 'high', acceleration: { strategy: 'shortcut' } })).toMatchObject({ strategy: 'shortcut', budget: 3 });
  });

  it('lowers the default budget to few steps', () => {
    expect(resolve({ acceleration: { steps: 2 } })).toMatchObject({ steps: 2, budget: 2 });
  });

  it('makes every step full on a bundle without shortcut', () => {
    expect(resolve({}, exampleManifest({ strategies: ['vanilla'] }))).toMatchObject({ strategy: 'vanilla', budget: 8 });
  });

  it('lays a jpeg on white', () => {
    expect(resolve({ output_format: 'jpeg' }).background).toBe('opaque');
  });

  it('accepts the bundle\'s own size and name', () => {
    expect(resolve({ size: '32x32', model: 'tiny' }).model).toBe('tiny');
  });

  it('chooses a seed that 32 bits hold when none is given', () => {
    const { seed } = resolveRequest(parseGenerationRequest({ prompt: 'pizza' }), manifest);
    expect(seed).toBeGreaterThanOrEqual(0);
    expect(seed).toBeLessThan(2 ** 32);
  });
});
