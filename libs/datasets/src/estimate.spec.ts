import { describe, expect, it } from 'vitest';
import { encodingOf, estimateDataset, type MeasuredCosts } from './estimate.js';
import { planOfTest, settings } from './testing/make-dataset.js';

const costs: MeasuredCosts = { rowSeconds: { full: 0.5, shortcut: 0.1 }, rowsPerPicture: { full: 2, shortcut: 10 }, fileBytes: 5_000, devices: 2 };

describe('an estimate', () => {
  it('is of the pictures that will be made: rows that are no prompts cost nothing', async () => {
    const { plan } = await planOfTest({ prompts: ['cat', '', 'dog'], picturesPerPrompt: 10 });
    const { bytes, deviceSeconds, seconds } = estimateDataset(plan, costs);
    expect(deviceSeconds).toBeCloseTo(20 * 2);
    expect(seconds).toBeCloseTo(20);
    expect(bytes).toBeGreaterThan(20 * 5_000);
    expect(bytes).toBeLessThan(20 * 9_000);
  });

  it('has less time left the more is done', async () => {
    const { plan } = await planOfTest({ prompts: ['cat'], picturesPerPrompt: 10 });
    const left = (samplesDone: number): number => estimateDataset(plan, costs, { samplesDone }).seconds!;
    expect(left(5)).toBeCloseTo(left(0) / 2);
    expect(left(10)).toBe(0);
  });

  it('leaves out what would be a guess', async () => {
    const { plan } = await planOfTest({ prompts: ['cat'] });
    expect(estimateDataset(plan, { ...costs, fileBytes: undefined }).bytes).toBeUndefined();
    expect(estimateDataset(plan, { ...costs, devices: 0 })).toMatchObject({ deviceSeconds: 2, seconds: undefined });
    for (const unknown of [{ rowSeconds: { full: 0.5 } }, { rowsPerPicture: undefined }]) expect(estimateDataset(plan, { ...costs, ...unknown })).toMatchObject({ deviceSeconds: undefined, seconds: undefined });
  });

  it('knows files of like size by how they are encoded', () => {
    expect(encodingOf({ ...settings, outputFormat: 'png', outputCompression: 3 })).toBe(encodingOf({ ...settings, outputFormat: 'png' }));
    expect(encodingOf({ ...settings, outputFormat: 'jpeg', outputCompression: 3 })).not.toBe(encodingOf({ ...settings, outputFormat: 'jpeg' }));
  });
});
