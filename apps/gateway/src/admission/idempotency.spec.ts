import { parseGenerationRequest } from '@slipstream/contracts';
import { describe, expect, it } from 'vitest';
import { fingerprintOf, idempotencyKeyIn } from './idempotency.js';
import { rateLimitHeaders } from './rate-limit-headers.js';

describe('an idempotency key', () => {
  it.each([['"a b"', 'a b'], ['a-b', 'a-b'], ['"8e03978e-40d5"', '8e03978e-40d5'], [undefined, undefined]])('is read from %j', (header, key) => {
    expect(idempotencyKeyIn(header)).toBe(key);
  });

  it('goes with what was asked for, whatever the order, and not with what was left out or said in vain', () => {
    const of = (body: object) => fingerprintOf(parseGenerationRequest(body));
    const same = of({ prompt: 'pizza', n: 2, acceleration: { steps: 8, budget: 2 } });
    expect(of({ acceleration: { budget: 2, steps: 8 }, n: 2, prompt: 'pizza', seed: null, quality: 'auto' })).toBe(same);
    for (const other of [{ n: 3 }, { seed: 1 }, { deadline: 9 }, { acceleration: { steps: 8, budget: 3 } }]) expect(of({ prompt: 'pizza', n: 2, acceleration: { steps: 8, budget: 2 }, ...other })).not.toBe(same);
  });
});

it('the rate limit headers tell the policy, what is left, and when all is', () => {
  expect(rateLimitHeaders({ limit: 120, remaining: 100 })).toEqual({
    'ratelimit-policy': '"requests";q=120;w=60',
    ratelimit: '"requests";r=100;t=10',
    'x-ratelimit-limit-requests': '120',
    'x-ratelimit-remaining-requests': '100',
    'x-ratelimit-reset-requests': '10s',
  });
});
