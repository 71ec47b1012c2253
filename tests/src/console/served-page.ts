import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import type { OwnService } from '../harness/index.js';
import { openBrowser } from './browser.js';

/** The page that a service serves, in a real browser. */
export interface ServedPage {
  /** Opens `#/…` in a context of its own, to be closed after the test, and waits until the page's program has drawn: a key pressed before goes nowhere. */
  open(hash?: string, options?: BrowserContextOptions): Promise<Page>;
}

/** Registers the hooks that start a browser and end it; a test whose pages threw, or wrote an error that has nothing to do with the network, fails. */
export function servedPage(service: OwnService): ServedPage {
  let browser: Browser | undefined;
  const pages: Page[] = [];
  const faults: string[] = [];

  beforeAll(async () => void (browser = await openBrowser()), 60_000);
  afterEach(async () => {
    await Promise.all(pages.splice(0).map((page) => page.close()));
    expect(faults.splice(0)).toEqual([]);
  }, 60_000);
  afterAll(async () => browser?.close(), 60_000);

  return {
    async open(hash = '', options = {}) {
      const page = await browser!.newPage(options);
      pages.push(page);
      page.on('pageerror', (error) => faults.push(error.message));
      page.on('console', (message) => {
        if (message.type() === 'error' && !message.text().includes('Failed to load resource')) faults.push(message.text());
      });
      await page.goto(`${service.url}/console/${hash}`);
      await page.getByRole('navigation').waitFor();
      return page;
    },
  };
}
