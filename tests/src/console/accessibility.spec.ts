import type { BrowserContextOptions, Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { ask, ownService, startWorker } from '../harness/index.js';
import { axeFaults } from './axe.js';
import { chromiumPath } from './browser.js';
import { servedPage } from './served-page.js';

const narrow = { width: 360, height: 740 };

describe.skipIf(chromiumPath === undefined)('the page for everybody', () => {
  const service = ownService('axe');
  const served = servedPage(service);
  /** Where each view is, and what is there when it is. */
  let views: Record<string, { hash: string; shows: string }>;

  beforeAll(async () => {
    const worker = await startWorker(service.env);
    const { body: { id } } = await ask(`${service.url}/v1/images/generations`, { json: { prompt: `red apple ${'a'.repeat(80)}`, seed: 5 } });
    await worker.stop();
    const { body: { id: waiting } } = await ask(`${service.url}/v1/generations`, { json: { prompt: 'sun' } });
    views = {
      'an empty studio': { hash: '#/studio', shows: 'A picture starts as all mask.' },
      'a studio with pictures': { hash: `#/studio/${id}/${waiting}?n=2&guidance=3`, shows: 'Done:' },
      'a gallery': { hash: '#/gallery', shows: 'How it was made' },
    };
  }, 180_000);

  const names = ['an empty studio', 'a studio with pictures', 'a gallery'];
  const show = async (name: string, options: BrowserContextOptions): Promise<Page> => {
    const { hash, shows } = views[name]!;
    const page = await served.open(hash, { reducedMotion: 'reduce', ...options });
    await page.getByText(shows).first().waitFor();
    return page;
  };

  it.each(names.flatMap((name) => (['light', 'dark'] as const).map((colorScheme) => [name, colorScheme] as const)))('axe finds nothing wrong with %s in %s', async (name, colorScheme) => {
    const page = await show(name, { colorScheme });
    await page.getByText('How it was made').first().click({ timeout: 500 }).catch(() => {}); // where there is one, opened
    expect(await axeFaults(page)).toEqual([]);
  }, 150_000);

  it.each(names)('%s fits a phone', async (name) => {
    const page = await show(name, { viewport: narrow, hasTouch: true });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(narrow.width);
  }, 150_000);
});
