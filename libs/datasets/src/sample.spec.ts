import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { promptRange, sampleCount, samplesOf, seedOf, shardRange } from './sample.js';
import { planOfTest } from './testing/make-dataset.js';

const sizes = fc.record({ count: fc.integer({ min: 1, max: 5000 }), picturesPerPrompt: fc.integer({ min: 1, max: 300 }), shardSize: fc.integer({ min: 1, max: 2000 }) })
  .map(({ count, picturesPerPrompt, shardSize }) => ({ prompts: { count }, picturesPerPrompt, shardSize, shards: Math.ceil((count * picturesPerPrompt) / shardSize) }))
  .filter(({ shards }) => shards <= 2000);

describe('the shards of a plan', () => {
  it('hold every sample once, in order, and differ by one at most', () => {
    fc.assert(fc.property(sizes, (plan) => {
      const ranges = Array.from({ length: plan.shards }, (_, shard) => shardRange(plan, shard));
      expect(ranges[0]!.first).toBe(0);
      expect(ranges.at(-1)!.end).toBe(sampleCount(plan));
      ranges.slice(1).forEach(({ first }, i) => expect(first).toBe(ranges[i]!.end));
      const lengths = ranges.map(({ first, end }) => end - first);
      expect(Math.max(...lengths) - Math.min(...lengths)).toBeLessThanOrEqual(1);
      expect(Math.max(...lengths)).toBeLessThanOrEqual(plan.shardSize);
    }));
  });

  it('have all prompts of their samples', () => {
    fc.assert(fc.property(sizes, (plan) => {
      for (let shard = 0; shard < plan.shards; shard += 1) {
        const [{ first, end }, prompts] = [shardRange(plan, shard), promptRange(plan, shard)];
        expect(prompts.first * plan.picturesPerPrompt).toBeLessThanOrEqual(first);
        expect(prompts.end * plan.picturesPerPrompt).toBeGreaterThanOrEqual(end);
        expect(prompts.end).toBeLessThanOrEqual(plan.prompts.count);
      }
    }));
  });
});

describe('the samples of a shard', () => {
  it('have keys in order, and seeds of the key alone unless the prompt brings one', async () => {
    const { plan } = await planOfTest({ prompts: ['a', 'b'], picturesPerPrompt: 2, shardSize: 4 });
    const samples = samplesOf(plan, 0, [{ row: 1, prompt: 'a' }, { row: 2, prompt: 'b', seed: 40 }]);
    expect(samples.map(({ key, prompt, picture, row }) => [key, prompt, picture, row])).toEqual([
      ['000000000000', 'a', 0, 1], ['000000000001', 'a', 1, 1], ['000000000002', 'b', 0, 2], ['000000000003', 'b', 1, 2],
    ]);
    expect(samples.map(({ seed }) => seed)).toEqual([seedOf(0, '000000000000'), seedOf(0, '000000000001'), 40, 41]);
  });

  it('keep their seeds whatever the size of a shard', async () => {
    const { plan: small } = await planOfTest({ prompts: ['a', 'b'], picturesPerPrompt: 2, shardSize: 1 });
    expect(samplesOf(small, 2, [{ row: 2, prompt: 'b' }])[0]).toMatchObject({ key: '000000000002', seed: seedOf(0, '000000000002') });
  });
});
