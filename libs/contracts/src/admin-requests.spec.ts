import { describe, expect, it } from 'vitest';
import { parseCreateKey, parseRotateKey, parseTenantRequest } from './admin-requests.js';

describe('what may be left out', () => {
  it('of a key is all but its name', () => {
    expect(parseCreateKey({ name: ' web ' })).toEqual({ name: 'web', tenant: 'default', scopes: ['read', 'write'] });
  });

  it('of a rotation or a tenant is everything, the body included', () => {
    expect(parseRotateKey(undefined)).toEqual({ overlap_seconds: 86_400 });
    expect(parseTenantRequest(null)).toEqual({});
  });
});

it('scopes named twice count once', () => {
  expect(parseCreateKey({ name: 'a', scopes: ['read', 'read'] }).scopes).toEqual(['read']);
});

describe('refusals name the field and what it must be', () => {
  it.each([
    [{}, 'name', /name must be a text/],
    [{ name: ' ' }, 'name', /1 to 100/],
    [{ name: 'a', tenant: 'a:b' }, 'tenant', /tenant must be 1 to 64 letters/],
    [{ name: 'a', scopes: [] }, 'scopes', /at least one/],
    [{ name: 'a', scopes: ['admin'] }, 'scopes.0', /read, write/],
    [{ name: 'a', expires_in_seconds: 0 }, 'expires_in_seconds', /at least 1/],
    [{ name: 'a', expires_in_seconds: 1e12 }, 'expires_in_seconds', /ten years/],
    [{ name: 'a', requests_per_minute: 'many' }, 'requests_per_minute', /whole number/],
    [{ name: 'a', scope: ['read'] }, 'scope', /is not a field/],
    [[], undefined, /JSON object/],
    [null, undefined, /JSON object/],
  ])('%j', (body, param, says) => {
    expect(() => parseCreateKey(body)).toThrow(expect.objectContaining({ code: 'invalid_request', param, message: expect.stringMatching(says) }));
  });

  it('of all fields at once', () => {
    expect(() => parseTenantRequest({ pictures: 5, requests_per_minute: 0 })).toThrow(/requests_per_minute must be at least 1; pictures must be at least 10/);
  });
});
