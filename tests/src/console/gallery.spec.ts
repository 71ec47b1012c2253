import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ask, scratch, startGateway, startWorker, type RunningServer, type Scratch } from '../harness/index.js';
import { chromiumPath, openBrowser } from './browser.js';
import { open } from './opened.js';

describe.skipIf(chromiumPath === undefined)('the gallery, in a browser', () => {
  let own: Scratch;
  let gateway: RunningServer;
  let browser: Browser;
  let page: Page;
  let made: { id: string; slipstream: { bundle: string; seconds: { engine: number } } };

  beforeAll(async () => {
    own = await scratch('gallery');
    gateway = await startGateway(own.env);
    await gateway.ready(100_000);
    const worker = await startWorker(own.env);
    made = (await ask(`${gateway.url}/v1/images/generations`, { json: { prompt: 'red apple', seed: 5, n: 2 } })).body;
    await worker.stop();
    await ask(`${gateway.url}/v1/generations`, { json: { prompt: 'green pear', seed: 6 } });
    browser = await openBrowser();
  }, 180_000);

  beforeEach(async () => {
    await page?.close();
    ({ page } = await open(browser, `${gateway.url}/console/#/gallery`));
    await page.getByRole('article', { name: 'red apple' }).waitFor();
  });

  afterAll(async () => {
    await browser?.close();
    await gateway?.stop();
    await own?.dispose();
  }, 60_000);

  const jobs = (): Promise<string[]> => page.getByRole('article').getByRole('heading').allTextContents();

  it('has what was asked for, with all of its pictures', async () => {
    expect(await jobs()).toEqual(['green pear', 'red apple']);
    await page.getByRole('img', { name: 'red apple, 2 of 2' }).waitFor();
  });

  it('is narrowed by status, prompt and time', async () => {
    await page.getByLabel('Prompt has').fill('PEAR');
    expect(await jobs()).toEqual(['green pear']);
    await page.getByLabel('Prompt has').fill('');
    await page.getByLabel('Status').selectOption('completed');
    await page.getByText('1 job,').waitFor();
    expect(await jobs()).toEqual(['red apple']);
    await page.getByLabel('Asked for').selectOption('last hour');
    await page.getByText('1 job,').waitFor();
    expect(await jobs()).toEqual(['red apple']);
  });

  it('says exactly how a picture was made', async () => {
    const job = page.getByRole('article', { name: 'red apple' });
    await job.getByText('How it was made').click();
    const told = Object.fromEntries(await job.locator('dl div').evaluateAll((rows) => rows.map((row: { children: ArrayLike<{ textContent: string }> }) => [row.children[0]!.textContent, row.children[1]!.textContent])));
    expect(told).toMatchObject({ bundle: made.slipstream.bundle, seed: '5', 'seconds.engine': String(made.slipstream.seconds.engine) });
  });

  it('runs a picture again in the studio', async () => {
    await page.getByRole('article', { name: 'red apple' }).getByRole('link', { name: 'Run again' }).click();
    await page.getByRole('heading', { name: 'Studio' }).waitFor();
    expect([await page.getByLabel('Prompt').inputValue(), await page.getByLabel('Seed').inputValue()]).toEqual(['red apple', '5']);
  });

  it('cancels what waits', async () => {
    const job = page.getByRole('article', { name: 'green pear' });
    await job.getByRole('button', { name: 'Cancel' }).click();
    await job.getByText('cancelled').first().waitFor();
    await job.getByRole('link', { name: 'Run again' }).waitFor();
  });
});
