import { describe, expect, it } from 'vitest';
import { ask, ownService } from '../harness/index.js';

const service = ownService('page');

describe('the page as the gateway serves it', () => {
  it('has a policy that lets in nothing from elsewhere, and is asked for anew each time', async () => {
    const { status, headers, body } = await ask(`${service.url}/console/`);
    expect(status).toBe(200);
    expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'; script-src 'self';.* frame-ancestors 'none'$/);
    expect(headers.get('cache-control')).toBe('no-cache');
    const addresses = [...(body as string).matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address]) => address!);
    expect(addresses.filter((address) => !address.startsWith('/'))).toEqual([]);
    const script = addresses.find((address) => address.endsWith('.js'))!;
    expect((await ask(service.url + script)).headers.get('cache-control')).toContain('immutable');
  });

  it('is found without the last slash, and gives out nothing else', async () => {
    expect((await ask(`${service.url}/console`)).body).toContain('<div id="page">');
    for (const path of ['nothing.js', '..%2fpackage.json', '%2e%2e/package.json', '.vite']) expect((await ask(`${service.url}/console/${path}`)).status).toBe(404);
  });

  it('is named where a browser lands', async () => {
    expect((await ask(service.url)).body).toMatchObject({ service: 'slipstream', page: '/console/' });
  });
});
