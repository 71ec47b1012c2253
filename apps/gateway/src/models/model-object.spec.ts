import { exampleManifest } from '@slipstream/contracts/testing';
import { describe, expect, it } from 'vitest';
import { modelObject } from './model-object.js';

const manifest = exampleManifest();
const shown = (sampling: Partial<typeof manifest.sampling> = {}) => modelObject({ digest: 'd1', manifest: exampleManifest({ strategies: ['vanilla', 'shortcut', 'taylorseer', 'dimo'], sampling: { ...manifest.sampling, ...sampling } }) } as any).slipstream;

describe('a model', () => {
  it('lists each strategy that it serves with budget, range and default of its knobs, and no other strategy', () => {
    expect(shown().limits.strategies).toEqual({
      vanilla: { budget: false, one_step: false, knobs: {} },
      shortcut: { budget: true, one_step: false, knobs: { placement: { values: ['steps', 'mass'], default: 'steps' } } },
      taylorseer: { budget: true, one_step: false, knobs: { placement: { values: ['steps', 'mass'], default: 'steps' }, order: { min: 0, max: 2, whole: true, default: 1 } } },
      dimo: { budget: false, one_step: true, knobs: { init_ratio: { min: 0, max: 1, whole: false, default: 0.6 }, noise_share: { min: 0, max: 1, whole: false, default: 0.1 } } },
    });
  });

  it('shows the knobs that its bundle prefers for its default strategy alone', () => {
    const { limits, defaults } = shown({ strategy: 'taylorseer', knobs: { order: 2, placement: 'mass' } });
    expect(defaults).toMatchObject({ strategy: 'taylorseer', knobs: { order: 2, placement: 'mass' } });
    expect(limits.strategies['taylorseer']?.knobs['order']).toMatchObject({ default: 2 });
    expect(limits.strategies['shortcut']?.knobs['placement']).toMatchObject({ default: 'steps' });
  });
});
