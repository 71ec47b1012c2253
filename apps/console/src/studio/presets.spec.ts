import { describe, expect, it } from 'vitest';
import { presetsOf } from './presets';
import { model } from './testing/model';

const presets = presetsOf(model);

describe('presets', () => {
  it('begin with the default of the model', () => {
    expect(presets.map(({ name }) => name)).toEqual(['anchored', 'vanilla', 'shortcut', 'dimo']);
    expect(presets[0]).toMatchObject({ title: 'anchored (default)', steps: 32, budget: 3 });
  });

  it('have full steps and steps to choose only where there is a choice, and the knobs of their strategy', () => {
    expect(presets.map(({ budget }) => budget)).toEqual([3, undefined, 8, undefined]);
    const acceleration = presets.map(({ settings }) => settings.filter(({ of }) => of === 'acceleration').map(({ name }) => name));
    expect(acceleration).toEqual([['steps', 'guidance', 'temperature', 'placement'], ['steps', 'guidance', 'temperature'], ['steps', 'guidance', 'temperature'], ['temperature']]);
    expect(presets[3]!.steps).toBe(1);
  });
});
