import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generateOne } from '@slipstream/sampler';
import { openRunner, type OpenRunner } from '@slipstream/runtime';
import { pseudoLikelihood } from './pseudo-likelihood.js';

describe('the pseudo-likelihood of a picture', () => {
  let runner: OpenRunner;
  beforeAll(async () => {
    runner = await openRunner(fileURLToPath(new URL('../../../../tests/bundles/tiny', import.meta.url)), { threads: 1 });
  });
  afterAll(() => runner.release());

  it('is higher for what the base made itself than for tokens drawn blindly, and the same every time', async () => {
    const prompt = runner.encode('');
    const { tokensByStep } = await generateOne(runner, { prompt, seed: 1, strategy: 'vanilla', steps: 8, budget: 8, guidance: 0, temperature: 0.5 });
    const own = tokensByStep.at(-1)!;
    const blind = own.map((_, place) => (place * 37 + 11) % runner.model.mask);
    const likelihood = await pseudoLikelihood(runner, { prompt, tokens: own }, 3);
    expect(likelihood).toBeLessThan(0);
    expect(likelihood).toBeGreaterThan(await pseudoLikelihood(runner, { prompt, tokens: blind }, 3));
    expect(await pseudoLikelihood(runner, { prompt, tokens: own }, 3)).toBe(likelihood);
  });
});
