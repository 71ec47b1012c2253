import type { Browser, BrowserContextOptions, Page } from 'playwright-core';

/** A page that is open, and what went wrong in it that has nothing to do with the network. */
export interface Opened {
  readonly page: Page;
  readonly faults: readonly string[];
}

/** Opens an address in a context of its own, and waits until the page's program has drawn: a key pressed before goes nowhere. */
export async function open(browser: Browser, address: string, options: BrowserContextOptions = {}): Promise<Opened> {
  const page = await browser.newPage(options);
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().includes('Failed to load resource')) faults.push(message.text());
  });
  await page.goto(address);
  await page.getByRole('navigation').waitFor();
  return { page, faults };
}
