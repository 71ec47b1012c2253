import axe, { type AxeResults } from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, scratch, startGateway, startWorker, type RunningServer, type Scratch } from '../harness/index.js';
import { chromiumPath, openBrowser } from './browser.js';
import { open } from './opened.js';

const narrow = { width: 360, height: 740 };

describe.skipIf(chromiumPath === undefined)('the page for everybody', () => {
  let own: Scratch;
  let gateway: RunningServer;
  let browser: Browser;
  /** Where each view is, and what is there when it is. */
  let views: Record<string, { hash: string; shows: string }>;

  beforeAll(async () => {
    own = await scratch('axe');
    gateway = await startGateway(own.env);
    await gateway.ready(100_000);
    const worker = await startWorker(own.env);
    const { body: { id } } = await ask(`${gateway.url}/v1/images/generations`, { json: { prompt: `red apple ${'a'.repeat(80)}`, seed: 5 } });
    await worker.stop();
    const { body: { id: waiting } } = await ask(`${gateway.url}/v1/generations`, { json: { prompt: 'sun' } });
    views = {
      'an empty studio': { hash: '#/studio', shows: 'A picture starts as all mask.' },
      'a studio with pictures': { hash: `#/studio/${id}/${waiting}`, shows: 'Done:' },
      'a gallery': { hash: '#/gallery', shows: 'How it was made' },
    };
    browser = await openBrowser();
  }, 180_000);

  afterAll(async () => {
    await browser?.close();
    await gateway?.stop();
    await own?.dispose();
  }, 60_000);

  const names = ['an empty studio', 'a studio with pictures', 'a gallery'];
  const show = async (name: string, options: Parameters<typeof open>[2]): Promise<Page> => {
    const { hash, shows } = views[name]!;
    const { page } = await open(browser, `${gateway.url}/console/${hash}`, { reducedMotion: 'reduce', ...options });
    await page.getByText(shows).first().waitFor();
    return page;
  };

  it.each(names.flatMap((name) => (['light', 'dark'] as const).map((colorScheme) => [name, colorScheme] as const)))('axe finds nothing wrong with %s in %s', async (name, colorScheme) => {
    const page = await show(name, { colorScheme });
    await page.getByText('How it was made').first().click({ timeout: 500 }).catch(() => {}); // where there is one, opened
    await page.evaluate(axe.source);
    const { violations } = (await page.evaluate('axe.run()')) as AxeResults;
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`)).toEqual([]);
    await page.close();
  }, 60_000);

  it.each(names)('%s fits a phone', async (name) => {
    const page = await show(name, { viewport: narrow, hasTouch: true });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(narrow.width);
    await page.close();
  }, 60_000);
});
