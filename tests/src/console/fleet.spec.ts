import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, scratch, startGateway, startWorker, type RunningServer, type Scratch } from '../harness/index.js';
import { axeFaults } from './axe.js';
import { chromiumPath, openBrowser } from './browser.js';

describe.skipIf(chromiumPath === undefined)('the fleet', () => {
  let own: Scratch;
  let gateway: RunningServer;
  let worker: RunningServer;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    own = await scratch('page-fleet');
    [gateway, worker, browser] = await Promise.all([startGateway(own.env), startWorker(own.env), openBrowser()]);
    page = await browser.newPage();
    await Promise.all([gateway.ready(100_000), worker.ready(100_000)]);
  }, 120_000);

  afterAll(async () => {
    await browser?.close();
    await Promise.all([gateway, worker].map((server) => server?.stop('SIGKILL')));
    await own?.dispose();
  }, 60_000);

  it('shows its workers as they come and go, and what they did in plots and in a table', async () => {
    await ask(`${gateway.url}/v1/images/generations`, { json: { prompt: 'sun', n: 2, acceleration: { strategy: 'shortcut', steps: 8, budget: 2 } } });
    await page.goto(`${gateway.url}/console/#/fleet`);
    await page.getByRole('region', { name: 'Workers' }).waitFor({ timeout: 30_000 });
    await page.getByRole('img', { name: /^Steps: full [\d.]+ \/ s, shortcut/ }).waitFor({ timeout: 30_000 });
    await page.getByText('The plots as a table').click();
    expect(await page.getByRole('region', { name: /^Since/ }).getByRole('row').count()).toBeGreaterThan(1);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      expect(await axeFaults(page), colorScheme).toEqual([]);
    }
    await page.getByLabel('Over').selectOption('week');
    await page.getByRole('img', { name: /^Rows in use: in use/ }).waitFor();
    await worker.stop();
    await page.getByText('No worker tells of itself').waitFor({ timeout: 30_000 });
  }, 120_000);
});
