import { strategyNames } from '@slipstream/contracts';
import { describe, expect, it } from 'vitest';
import type { Preview } from './previews.js';
import { StepEngine } from './step-engine.js';
import { FakeModelRunner, TINY_MODEL } from './testing/fake-model-runner.js';
import { requestOf } from './testing/played.js';
import type { Trajectory } from './trajectory.js';
import { PLAN_KINDS, type PlanKind } from './turn.js';

const limits = Object.fromEntries(PLAN_KINDS.map((kind) => [kind, 4])) as Record<PlanKind, number>;

/** A picture alone, with all of its previews. */
async function made(request: Parameters<StepEngine['submit']>[0]): Promise<{ previews: Preview[]; picture: Trajectory }> {
  const previews: Preview[] = [];
  const engine = new StepEngine(new FakeModelRunner(TINY_MODEL), {
    capacity: 4,
    limits,
    onRun: ({ kind, rows }) => rows.forEach((row) => kind === 'decode' && !row.settled && previews.push(row.previews!.latest!)),
  });
  return { picture: await engine.submit(request), previews };
}

describe('previews', () => {
  it.each(strategyNames)('are whole pictures that leave the revealed tokens as they are, under %s', async (strategy) => {
    const { previews, picture } = await made(requestOf(strategy, { previews: 3 }));
    expect(previews.map(({ step }) => step)).toEqual(strategy === 'dimo' ? [] : [2, 3, 5]);
    for (const { pixels } of previews) {
      expect([...pixels]).not.toContain(TINY_MODEL.mask); // the fake's pixels are its tokens
      expect(pixels).toHaveLength(TINY_MODEL.imageTokens);
    }
    expect(picture.stepMap).toBe((await made(requestOf(strategy))).picture.stepMap);
  });

  it('come closer to the picture', async () => {
    const { previews, picture } = await made(requestOf('vanilla', { previews: 5 }));
    const agreement = previews.map(({ pixels }) => pixels.filter((value, at) => value === picture.pixels![at]).length);
    expect(agreement).toEqual([...agreement].sort((a, b) => a - b));
    expect(agreement.at(-1)).toBeGreaterThan(agreement[0]!);
  });

  it('are no more than there are steps between', async () => {
    expect((await made(requestOf('vanilla', { steps: 3, budget: 3, previews: 8 }))).previews.map(({ step }) => step)).toEqual([1, 2]);
    expect((await made(requestOf('vanilla', { steps: 1, budget: 1, previews: 8 }))).previews).toEqual([]);
  });
});
