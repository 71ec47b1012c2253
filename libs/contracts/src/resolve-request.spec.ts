import { describe, expect, it } from 'vitest';
import { parseGenerationRequest } from './generation-request.js';
import { resolveRequest } from './resolve-request.js';
import { strategyTable, type Knobs, type StrategyName } from './strategies.js';
import { exampleManifest } from './testing/index.js';

const manifest = exampleManifest();
const resolve = (fields: object, limits = manifest) => resolveRequest(parseGenerationRequest({ prompt: 'pizza', ...fields }), limits, () => 7);

const bad: [string, object, string, string][] = [
  ['a size of another bundle', { size: '1024x1024' }, 'size', 'use 32x32 or auto'],
  ['a strategy nobody has', { acceleration: { strategy: 'magic' } }, 'acceleration.strategy', 'use one of vanilla, halton, shortcut,'],
  ['more steps than tokens', { acceleration: { steps: 17 } }, 'acceleration.steps', 'more than the 16 tokens of a picture; use 1 to 16'],
  ['more full steps than steps', { acceleration: { budget: 9 } }, 'acceleration.budget', 'more than the 8 steps; use 1 to 8'],
  ['more full steps than the steps asked for', { acceleration: { steps: 4, budget: 5 } }, 'acceleration.budget', 'more than the 4 steps'],
  ['a budget under the vanilla strategy', { acceleration: { strategy: 'vanilla', budget: 3 } }, 'acceleration.budget', 'leave it out'],
  ['a budget under high quality', { quality: 'high', acceleration: { budget: 3 } }, 'acceleration.budget', 'set acceleration.strategy to one that has a budget'],
  ...(['halton', 'ml-cache', 'recap', 'dllm-cache'] as const).map((strategy): [string, object, string, string] => [`a budget under ${strategy}`, { acceleration: { strategy, budget: 3 } }, 'acceleration.budget', `no meaning under the ${strategy} strategy`]),
  ['a knob of another strategy', { acceleration: { strategy: 'taylorseer', tolerance: 0.3 } }, 'acceleration.tolerance', 'not a knob of the taylorseer strategy; it has placement, order'],
  ['a knob under a strategy without any', { acceleration: { strategy: 'vanilla', placement: 'mass' } }, 'acceleration.placement', 'not a knob of the vanilla strategy; leave it out'],
  ['a knob of a strategy that was not chosen', { acceleration: { min_gap: 2 } }, 'acceleration.min_gap', 'not a knob of the shortcut strategy'],
  ['a least gap above the most', { acceleration: { strategy: 'adaptive', min_gap: 5, max_gap: 4 } }, 'acceleration.min_gap', 'more than the max_gap of 4'],
  ['several steps of the one-step student', { acceleration: { strategy: 'dimo', steps: 2 } }, 'acceleration.steps', 'dimo makes a picture in one; leave it out'],
  ['guidance of the student', { acceleration: { strategy: 'dimo', guidance: 2 } }, 'acceleration.guidance', 'learned its guidance; leave it out'],
  ['a budget of the student', { acceleration: { strategy: 'dimo', budget: 2 } }, 'acceleration.budget', 'no meaning under the dimo strategy'],
  ['a transparent jpeg', { background: 'transparent', output_format: 'jpeg' }, 'background', 'output_format png or webp'],
  ['a seed without room for its pictures', { seed: Number.MAX_SAFE_INTEGER, n: 2 }, 'seed', 'use at most 9007199254740990'],
];

describe('resolveRequest', () => {
  it('says in the settings that nobody asked for the seed', () => {
    expect(resolve({})).toMatchObject({ seed: 7, seedDrawn: true });
    expect(resolve({ seed: 7 })).not.toHaveProperty('seedDrawn');
  });

  it('says in the settings that no cache is wanted, and else nothing of it', () => {
    expect(resolve({ cache: 'off' })).toMatchObject({ cache: 'off' });
    expect(resolve({ cache: 'on' })).not.toHaveProperty('cache');
  });

  it.each(bad)('refuses %s, naming the field and the remedy', (_, fields, param, words) => {
    expect(() => resolve(fields)).toThrow(expect.objectContaining({ code: 'invalid_request', param, message: expect.stringContaining(words) }));
  });

  it('refuses an unknown model as not found, naming the one it has', () => {
    expect(() => resolve({ model: 'dall-e-3' })).toThrow(expect.objectContaining({ code: 'model_not_found', httpStatus: 404, param: 'model', message: expect.stringContaining('use "tiny"') }));
  });

  it('makes the bundle\'s own choices where the request makes none', () => {
    expect(resolve({})).toEqual({
      model: 'tiny', prompt: 'pizza', n: 1, seed: 7, seedDrawn: true, strategy: 'shortcut', steps: 8, budget: 3, knobs: { placement: 'steps' }, guidance: 2, temperature: 1,
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

  const serving = (strategy: StrategyName, knobs: Partial<Knobs> = {}) => exampleManifest({ sampling: { ...manifest.sampling, strategy, knobs } });

  it('refuses a strategy that the bundle cannot serve, saying which it can', () => {
    const few = exampleManifest({ strategies: ['vanilla', 'shortcut'] });
    expect(() => resolve({ acceleration: { strategy: 'anchored' } }, few)).toThrow(expect.objectContaining({ param: 'acceleration.strategy', message: 'acceleration.strategy is "anchored", which tiny does not serve; use one of vanilla, shortcut' }));
  });

  it('takes the strategy and the knobs that the bundle prefers', () => {
    expect(resolve({}, serving('adaptive', { tolerance: 0.5 }))).toMatchObject({ strategy: 'adaptive', budget: 3, knobs: { tolerance: 0.5, minGap: 2, maxGap: 16 } });
    expect(resolve({}, serving('vanilla'))).toMatchObject({ strategy: 'vanilla', budget: 8, knobs: {} });
    expect(resolve({ quality: 'low' }, serving('ml-cache'))).toMatchObject({ strategy: 'ml-cache', budget: 8 });
  });

  it('takes knobs of the request first, and the bundle\'s for its own default strategy only', () => {
    const limits = serving('anchored', { placement: 'mass' });
    expect(resolve({ acceleration: { placement: 'steps' } }, limits).knobs).toEqual({ placement: 'steps' });
    expect(resolve({}, limits).knobs).toEqual({ placement: 'mass' });
    expect(resolve({ acceleration: { strategy: 'taylorseer', order: 2 } }, limits).knobs).toEqual({ placement: 'steps', order: 2 });
  });

  it('gives every served strategy all of its knobs and no others', () => {
    for (const strategy of manifest.strategies) {
      expect(Object.keys(resolve({ acceleration: { strategy } }).knobs)).toEqual([...strategyTable[strategy].knobs]);
    }
  });

  it('makes the student\'s picture in one step, with no guidance', () => {
    const student = { strategy: 'dimo', steps: 1, budget: 1, guidance: 0, knobs: { initRatio: 0.6, noiseShare: 0.1 } };
    expect(resolve({ acceleration: { strategy: 'dimo' } })).toMatchObject(student);
    expect(resolve({ quality: 'low' }, serving('dimo'))).toMatchObject(student);
    expect(resolve({ quality: 'high' }, serving('dimo'))).toMatchObject({ strategy: 'vanilla', steps: 8, guidance: 2 });
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
