import { describe, expect, it } from 'vitest';
import { TINY_MODEL } from '../testing/fake-model-runner.js';
import { ofKind, played, requestOf, stepsOf } from '../testing/played.js';

const all = (request = requestOf('anchored', { steps: 8, budget: 3 })) => played(request);

describe('anchored', () => {
  it('has its full steps where a shortcut has them, by steps or by tokens', async () => {
    expect(stepsOf(await all(requestOf('anchored', { steps: 15, budget: 7 })), 'full')).toEqual([0, 2, 4, 6, 9, 11, 13]);
    expect(stepsOf(await all(requestOf('anchored', { steps: 8, budget: 3, knobs: { placement: 'mass' } })), 'full')).toEqual([0, 4, 6]);
  });

  it('predicts every step between from the last full one, never from a prediction', async () => {
    const runs = await all();
    for (const { turn, step } of ofKind(runs, 'anchored')) {
      const anchor = ofKind(runs, 'full').filter((full) => full.step < step).at(-1)!;
      expect(turn.features).toBe(anchor.output.features);
      expect(turn.anchorMaskRatio).toBe(anchor.maskRatio);
    }
  });

  it('is told all that was revealed since, by the anchor itself too', async () => {
    const runs = await all();
    const at = (step: number): number[] => [...runs[step]!.revealed];
    const news = Object.fromEntries(ofKind(runs, 'anchored').map(({ step, turn }) => [step, [...turn.revealed.keys()].filter((position) => turn.revealed[position] !== TINY_MODEL.mask)]));
    const since = (...steps: number[]): number[] => steps.flatMap(at).sort((a, b) => a - b);
    expect(stepsOf(runs, 'full')).toEqual([0, 3, 5]);
    expect(news).toEqual({ 1: since(0), 2: since(0, 1), 4: since(3), 6: since(5), 7: since(5, 6) });
  });

  it('has the mask ratio of the anchor\'s input', async () => {
    const runs = ofKind(await all(), 'anchored');
    expect(runs.map(({ turn }) => turn.anchorMaskRatio * 16)).toEqual([16, 16, 12, 8, 8]);
  });
});
