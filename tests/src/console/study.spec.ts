import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, scratch, startGateway, startWorker, type RunningServer, type Scratch } from '../harness/index.js';
import { axeFaults } from './axe.js';
import { chromiumPath, openBrowser } from './browser.js';

describe.skipIf(chromiumPath === undefined)('the study', () => {
  let own: Scratch;
  let gateway: RunningServer;
  let worker: RunningServer;
  let browser: Browser;
  let page: Page;
  const faults: string[] = [];

  beforeAll(async () => {
    own = await scratch('page-study');
    [gateway, worker, browser] = await Promise.all([startGateway(own.env), startWorker(own.env), openBrowser()]);
    page = await browser.newPage({ viewport: { width: 360, height: 760 } });
    page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
    page.on('pageerror', (error) => faults.push(error.message));
    await Promise.all([gateway.ready(100_000), worker.ready(100_000)]);
  }, 120_000);

  afterAll(async () => {
    await browser?.close();
    await Promise.all([gateway, worker].map((server) => server?.stop('SIGKILL')));
    await own?.dispose();
  }, 60_000);

  const voted = (count: number) => page.getByText(`${count} of 3 votes`).waitFor();

  it('is declared, voted on by keys and by pointer, and says what was found', async () => {
    await page.goto(`${gateway.url}/console/#/study`);
    await page.getByLabel('Prompts, one a line').fill('sun\nmoon');
    await page.getByLabel('Seeds').fill('4');
    await page.getByLabel('Votes wanted').fill('3');
    await page.getByLabel('Candidate').selectOption('shortcut');
    await page.getByLabel('Full steps').fill('2');
    await page.getByRole('button', { name: 'Declare' }).click();
    await page.getByRole('img', { name: /^Left picture of/ }).waitFor({ timeout: 60_000 });
    for (const [index, key] of ['ArrowLeft', '='].entries()) {
      const shown = await page.locator('.pair').getAttribute('data-pair');
      await page.keyboard.press(key);
      await voted(index + 1);
      await page.locator(`.pair:not([data-pair="${shown}"])`).waitFor(); // the same two pictures may come again
    }
    await page.getByRole('button', { name: 'Right is better' }).click();
    await page.getByRole('link', { name: 'See what they say' }).click();
    await page.getByRole('rowheader', { name: 'shortcut 2' }).waitFor();
    const [study] = (await ask(`${gateway.url}/v1/studies`)).body.data;
    const { data } = (await ask(`${gateway.url}/v1/studies/${study.id}/votes`)).body;
    expect(data.map(({ choice }: { choice: string }) => choice)).toEqual(['left', 'tie', 'right']);
    expect(await page.getByRole('row', { name: /^shortcut 2 3/ }).count()).toBe(1);
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Export as CSV' }).click()]);
    expect(download.suggestedFilename()).toBe(`${study.id}-votes.csv`);
    expect(faults).toEqual([]);
  }, 120_000);

  it('never scrolls sideways at the width of a phone', async () => {
    for (const place of ['#/study', '#/fleet']) {
      await page.goto(`${gateway.url}/console/${place}`);
      await page.getByRole('heading', { level: 1 }).waitFor();
      expect(await page.evaluate(() => { const { documentElement: root } = (globalThis as any).document; return root.scrollWidth - root.clientWidth; }), place).toBeLessThanOrEqual(0);
    }
  }, 60_000);

  it.each(['light', 'dark'] as const)('axe finds nothing wrong with it in %s', async (colorScheme) => {
    const { body: study } = await ask(`${gateway.url}/v1/studies`, { json: { name: 'open', prompts: ['sun'], candidates: [{ name: 'fast', acceleration: { strategy: 'shortcut', budget: 2 } }], margin: 0.1 } });
    const own = await browser.newPage({ colorScheme, reducedMotion: 'reduce' });
    for (const [place, shows] of [['', 'Declare a study'], [`/${study.id}`, 'Left is better'], [`/${study.id}/results`, 'Verdict']] as const) {
      await own.goto(`${gateway.url}/console/#/study${place}`);
      await own.getByText(shows).first().waitFor({ timeout: 30_000 });
      expect(await axeFaults(own), place).toEqual([]);
    }
    await own.close();
  }, 60_000);

  it('says why a declaration is refused', async () => {
    await page.goto(`${gateway.url}/console/#/study`);
    await page.getByLabel('Prompts, one a line').fill('sun\nsun');
    await page.getByRole('button', { name: 'Declare' }).click();
    expect(await page.getByRole('alert').textContent()).toContain('different prompts');
  }, 60_000);
});
