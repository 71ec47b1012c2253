// `npm run console:pictures`: gateway, worker and a real Chromium, and what the page then shows, to docs/console/*.png.
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { BrowserContextOptions, Page } from 'playwright-core';
import sharp from 'sharp';
import { clearKeys } from '../bench/clear-keys.js';
import { root, startServer } from '../bench/servers.js';
import { openBrowser } from '../src/console/browser.js';

const desk = { viewport: { width: 1160, height: 820 } };
const phone = { viewport: { width: 390, height: 844 }, hasTouch: true };
const earlier = ['red apple', 'slice of pizza', 'cat face', 'rocket', 'four leaf clover', 'hot beverage', 'snowman', 'sun behind cloud'];
const redisUrl = process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6379';

const to = join(root, 'docs', 'console');
const folder = await mkdtemp(join(tmpdir(), 'slipstream-console-'));
const prefix = `console-${randomBytes(4).toString('hex')}`;
const env = { REDIS_URL: redisUrl, QUEUE_PREFIX: prefix, STORAGE_URL: pathToFileURL(folder).href, SIGNING_KEY: randomBytes(16).toString('hex'), AUDIT_SHARE: '0', SCORE_SHARE: '0', LOG_LEVEL: 'warn', ENGINE_THREADS: '1' };
const servers = [await startServer('gateway', env), await startServer('worker', env)];
const browser = await openBrowser();
const address = `${servers[0]!.url}/console/`;
try {
  await mkdir(to, { recursive: true });
  for (const [seed, prompt] of earlier.entries()) await fetch(`${servers[0]!.url}/v1/images/generations`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ prompt, seed }) });
  await picture('studio', { ...desk, colorScheme: 'dark' }, async (page) => {
    await make(page, 'four leaf clover');
    await page.getByText('Done:').nth(1).waitFor({ timeout: 60_000 });
  });
  await picture('gallery', { ...desk, colorScheme: 'light' }, async (page) => {
    await page.goto(`${address}#/gallery`);
    await page.locator('.job img').nth(3).waitFor({ timeout: 60_000 });
  });
  await picture('studio-phone', { ...phone, colorScheme: 'light' }, async (page) => {
    await make(page, 'snowman');
    await page.getByText('Done:').nth(1).waitFor({ timeout: 60_000 });
    await page.locator('.lane').first().evaluate((lane: { scrollIntoView(): void }) => lane.scrollIntoView());
  });
  await picture('fleet', { ...desk, colorScheme: 'dark' }, async (page) => {
    await page.goto(`${address}#/fleet`);
    await page.getByRole('region', { name: 'Workers' }).waitFor({ timeout: 60_000 });
    await page.getByRole('img', { name: /^Steps: full/ }).waitFor({ timeout: 60_000 });
  });
  const declared = { name: 'Three full steps', prompts: earlier.slice(0, 4), candidates: [{ name: 'anchored 3', acceleration: { strategy: 'anchored', budget: 3 } }], margin: 0.1, votes_wanted: 8 };
  const study = (await (await fetch(`${servers[0]!.url}/v1/studies`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(declared) })).json()) as { id: string };
  await picture('study-phone', { ...phone, colorScheme: 'light' }, async (page) => {
    await page.goto(`${address}#/study/${study.id}`);
    await page.locator('.pair').waitFor({ timeout: 60_000 });
  });
} finally {
  await browser.close();
  await Promise.all(servers.map((server) => server.stop()));
  await clearKeys(redisUrl, prefix);
  await rm(folder, { recursive: true, force: true });
}

async function make(page: Page, prompt: string): Promise<void> {
  await page.goto(address);
  await page.getByLabel('Prompt').fill(prompt);
  await page.getByRole('button', { name: 'Make' }).click();
}

async function picture(name: string, options: BrowserContextOptions, show: (page: Page) => Promise<void>): Promise<void> {
  const page = await browser.newPage({ reducedMotion: 'reduce', ...options });
  await show(page);
  await sharp(await page.screenshot()).png({ palette: true, effort: 10 }).toFile(join(to, `${name}.png`));
  await page.close();
}
