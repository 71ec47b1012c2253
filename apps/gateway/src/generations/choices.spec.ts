import { generationSettings, parseGenerationRequest, samplingKey, type Sampling } from '@slipstream/contracts';
import { exampleManifest } from '@slipstream/contracts/testing';
import type { Fallback } from '@slipstream/queue';
import { describe, expect, it } from 'vitest';
import { Choices } from './choices.js';

const manifest = exampleManifest();
const asked: Sampling = { strategy: 'shortcut', steps: 8, budget: 3, knobs: { placement: 'steps' }, guidance: 2, temperature: 1 };
const settle = (fields: object, fallen: [Sampling, Fallback][] = []) => {
  const fallbacks = new Map(fallen.map(([sampling, fallback]) => [samplingKey(sampling), fallback]));
  const choices = new Choices({ manifest, checkPrompt: () => {} }, { fallbackOf: (sampling) => fallbacks.get(samplingKey(sampling)) });
  return choices.settle(parseGenerationRequest({ prompt: 'pizza', seed: 7, ...fields }));
};
const low = (level: number): Fallback => ({ strategy: 'shortcut', level, reason: 'scores are low' });

describe('the choices of a request', () => {
  it('are the request’s and the bundle’s while audits find nothing', () => {
    expect(settle({})).toMatchObject(asked);
    expect(settle({})).not.toHaveProperty('fallback');
  });

  it('give more full steps to a setting that fell back, and keep what was asked for', () => {
    const settings = settle({}, [[asked, low(1)]]);
    expect(settings).toMatchObject({ strategy: 'shortcut', budget: 6, fallback: { from: asked, level: 1, reason: 'scores are low' } });
    expect(generationSettings.parse(JSON.parse(JSON.stringify(settings)))).toEqual(settings);
    expect(settle({}, [[asked, low(2)]])).toMatchObject({ strategy: 'vanilla', steps: 8, budget: 8, knobs: {}, fallback: { from: asked, level: 2 } });
  });

  it('leave every other setting as it is', () => {
    const others = [{ quality: 'high' }, { quality: 'low' }, { acceleration: { strategy: 'anchored' } }, { acceleration: { placement: 'mass' } }, { acceleration: { budget: 4 } }, { acceleration: { guidance: 3 } }];
    for (const fields of others) expect(settle(fields, [[asked, low(2)]])).not.toHaveProperty('fallback');
  });
});
