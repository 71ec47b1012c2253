import { createHash } from 'node:crypto';
import { parseGenerationRequest } from '@slipstream/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { describe, expect, it } from 'vitest';
import { callerOf } from './caller.js';
import { fingerprintOf, idempotencyKeyIn } from './idempotency.js';
import { rateLimitHeaders } from './rate-limit-headers.js';
import { Tenants } from './tenants.js';

const with_ = (headers: Record<string, string>) => callerOf({ id: 'r', headers } as unknown as FastifyRequest, {} as FastifyReply);
const tenants = new Tenants({ TENANT_REQUESTS_PER_MINUTE: 60, TENANT_PICTURES: 20 });

describe('who asks', () => {
  it('is the hash of the API key, and never the key', () => {
    const { id, limits } = tenants.tenantOf(with_({ authorization: 'Bearer sk-secret' }));
    expect(id).toBe(`key-${createHash('sha256').update('sk-secret').digest('hex').slice(0, 32)}`);
    expect(limits).toEqual({ requestsPerMinute: 60, pictures: 20 });
    expect(tenants.tenantOf(with_({ authorization: 'bearer  sk-secret ' })).id).toBe(id);
    expect(tenants.tenantOf(with_({ authorization: 'Bearer sk-other' })).id).not.toBe(id);
  });

  it.each([{}, { authorization: '' }, { authorization: 'Bearer ' }, { authorization: 'Basic dTpw' }])('is the default tenant with the headers %j', (headers) => {
    expect(tenants.tenantOf(with_(headers as Record<string, string>)).id).toBe('default');
  });
});

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
