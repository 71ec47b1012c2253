import { describe, expect, it } from 'vitest';
import { generateOne } from './generate-one.js';
import { FakeModelRunner, TINY_MODEL } from './testing/fake-model-runner.js';
import type { TrajectoryRequest } from './trajectory.js';

const request: TrajectoryRequest = {
  prompt: Int32Array.of(1, 2, 0, 0),
  seed: 7,
  strategy: 'shortcut',
  steps: 8,
  budget: 3,
  guidance: 2,
  temperature: 1,
};

describe('the slow reference', () => {
  it('runs the full steps where they were placed, shortcuts between, then decodes', async () => {
    const runner = new FakeModelRunner();
    const { tokensByStep, pixels } = await generateOne(runner, request);
    const kinds = runner.plans.map((plan) => plan.kind[0]).join('');
    expect(kinds).toBe('fssfsfssd');
    expect(tokensByStep).toHaveLength(8);
    expect(tokensByStep.at(-1)).not.toContain(TINY_MODEL.mask);
    expect(pixels).toEqual(Uint8Array.from(tokensByStep.at(-1)!));
  });

  it('makes another picture of another seed, prompt, guidance or temperature', async () => {
    const others = [{ seed: 8 }, { prompt: Int32Array.of(2, 2, 0, 0) }, { guidance: 1 }, { temperature: 0.5 }, { budget: 4 }];
    const pictures = await Promise.all(
      [{}, ...others].map(async (change) => (await generateOne(new FakeModelRunner(), { ...request, ...change })).pixels.join()),
    );
    expect(new Set(pictures).size).toBe(pictures.length);
  });

  it('takes its randomness from where it is told', async () => {
    const draws: string[] = [];
    await generateOne(new FakeModelRunner(), { ...request, steps: 2, budget: 1 }, ({ step, purpose }, positions, out) => {
      draws.push(`${step} ${purpose} ${positions.length}`);
      out.fill(0.5);
    });
    expect(draws).toEqual(['0 token 16', '0 confidence 16', '1 token 16', '1 confidence 16']);
  });
});
