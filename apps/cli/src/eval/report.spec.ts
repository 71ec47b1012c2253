import { describe, expect, it } from 'vitest';
import { columnsOf, fastestThatHolds, holds, tableRows, type ArmReport } from './report.js';

const noise = { frechet: 2, alignment: 1 };
const arm = (id: string, changes: { speedup?: number; steps?: number; alignmentHolds?: boolean; frechet?: number; rerun?: boolean } = {}): ArmReport => {
  const { speedup = 1, steps = 8, alignmentHolds = true, frechet = 0, rerun } = changes;
  const estimate = { value: frechet, interval: { low: 0, high: 0 } };
  return { arm: { id, sampling: { steps }, rerun }, speedup, alignmentHolds, frechetDifference: estimate } as unknown as ArmReport;
};

describe('an arm holds', () => {
  it('when its alignment does and its Fréchet distance is within the noise', () => {
    expect(holds(arm('a', { frechet: 2 }), noise)).toBe(true);
    expect(holds(arm('a', { frechet: 2.1 }), noise)).toBe(false);
    expect(holds(arm('a', { alignmentHolds: false }), noise)).toBe(false);
  });

  it('and it is no less coherent than few-step vanilla of as many seconds', () => {
    const against = (value: number) => ({ ...arm('a'), rival: { id: 'vanilla-n6', coherenceDifference: { value, interval: { low: value, high: value } } } });
    expect(holds(against(-0.1), noise)).toBe(true);
    expect(holds(against(0.1), noise)).toBe(false);
  });
});

describe('the fastest that holds', () => {
  it('is looked for at the reference arm\'s number of steps, and is no rerun', () => {
    const arms = [arm('vanilla'), arm('vanilla-rerun', { speedup: 99, rerun: true }), arm('few', { steps: 4, speedup: 9 }), arm('b2', { speedup: 7, alignmentHolds: false }), arm('b3', { speedup: 5 })];
    expect(fastestThatHolds(arms, noise)).toBe('b3');
  });
});

describe('the table', () => {
  it('has two columns for each further scorer, before the verdict', () => {
    const estimate = (value: number) => ({ value, interval: { low: value - 1, high: value + 1 } });
    const figures = Object.fromEntries(['frechet', 'precision', 'recall', 'coherence', 'alignment', 'alignmentDifference', 'inCategory', 'retrieval', 'faithfulness'].map((name) => [name, estimate(0)]));
    const scores = { iqa: { value: estimate(62.5), difference: estimate(-1.5) }, reward: { value: estimate(-20), difference: estimate(0) } };
    const full = { ...arm('vanilla'), ...figures, steps: { full: 8 }, seconds: { median: 1 }, kernelDistance: 0, coverage: 1, scores } as unknown as ArmReport;
    const [columns, [row]] = [columnsOf({ arms: [full] }), tableRows({ arms: [full], noise })];
    expect(columns.slice(-5)).toEqual(['iqa', '− vanilla', 'reward', '− vanilla', 'holds']);
    expect(row).toHaveLength(columns.length);
    expect(row!.slice(-5, -1)).toEqual(['62.5 (61.5 to 63.5)', '-1.5 (-2.5 to -0.5)', '-20.0 (-21.0 to -19.0)', '0.0 (-1.0 to 1.0)']);
  });
});
