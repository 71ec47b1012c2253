import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scratch, startLockedGateway, type LockedGateway, type Scratch } from '../harness/index.js';
import { chromiumPath, openBrowser } from './browser.js';
import { open } from './opened.js';

describe.skipIf(chromiumPath === undefined)('a server with keys, in a browser', () => {
  let own: Scratch;
  let gateway: LockedGateway;
  let browser: Browser;

  beforeAll(async () => {
    own = await scratch('page-key');
    gateway = await startLockedGateway(own.env);
    await gateway.ready(100_000);
    browser = await openBrowser();
  }, 120_000);

  afterAll(async () => {
    await browser?.close();
    await gateway?.stop();
    await own?.dispose();
  }, 60_000);

  it('is let in by a key when that is submitted, for as long as the tab is open', async () => {
    const { key } = await gateway.key();
    const { page } = await open(browser, `${gateway.url}/console/`);
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
    const { page: other } = await open(browser, `${gateway.url}/console/`);
    await other.getByText('This server asks for an API key.').waitFor();
  }, 60_000);
});
