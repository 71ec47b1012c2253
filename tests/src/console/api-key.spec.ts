import { describe, expect, it } from 'vitest';
import { ownService, startLockedGateway } from '../harness/index.js';
import { chromiumPath } from './browser.js';
import { servedPage } from './served-page.js';

describe.skipIf(chromiumPath === undefined)('a server with keys, in a browser', () => {
  const service = ownService('page-key', { start: startLockedGateway });
  const served = servedPage(service);

  it('is let in by a key when that is submitted, for as long as the tab is open', async () => {
    const { key } = await service.gateway.key();
    const page = await served.open();
    await page.getByText('This server asks for an API key.').waitFor();
    const keys: (string | undefined)[] = [];
    page.on('request', (request) => keys.push(request.headers()['authorization']));
    await page.getByLabel('API key').pressSequentially('slip_wrong');
    expect(keys).toEqual([]);
    await page.keyboard.press('Enter');
    await page.getByText('does not accept this API key').waitFor();
    expect(new Set(keys)).toEqual(new Set(['Bearer slip_wrong']));
    await page.getByLabel('API key').fill(key);
    await page.getByRole('button', { name: 'Use' }).click();
    await page.getByLabel('Prompt').waitFor();
    await page.reload();
    await page.getByLabel('Prompt').waitFor();
    expect(await page.evaluate('localStorage.length')).toBe(0);
    await page.close();
    const other = await served.open();
    await other.getByText('This server asks for an API key.').waitFor();
  }, 60_000);
});
