// `npm run console:pictures`: gateway, worker and a real Chromium, and what the page then shows, to docs/console/*.png.
// With the address of a service that runs (`-- http://127.0.0.1:8080`): the fleet as that shows it.
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
const browser = await openBrowser();
const [, , running] = process.argv;
try {
  await mkdir(to, { recursive: true });
  await (running === undefined ? takeOfOwn() : takeOfRunning(new URL('/console/', running).href));
} finally {
  await browser.close();
}

/** The fleet's lines need an hour that somebody worked in. */
async function takeOfRunning(address: string): Promise<void> {
  await picture('fleet', { ...desk, colorScheme: 'dark' }, async (page) => {
    await page.goto(`${address}#/fleet`);
    await page.getByRole('region', { name: 'Workers' }).waitFor({ timeout: 60_000 });
    await page.getByRole('img', { name: /^Steps: full/ }).waitFor({ timeout: 60_000 });
  });
}

async function takeOfOwn(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'slipstream-console-'));
  const prefix = `console-${randomBytes(4).toString('hex')}`;
  const env = { REDIS_URL: redisUrl, QUEUE_PREFIX: prefix, STORAGE_URL: pathToFileURL(folder).href, SIGNING_KEY: randomBytes(16).toString('hex'), AUDIT_SHARE: '0', SCORE_SHARE: '0', LOG_LEVEL: 'warn', ENGINE_THREADS: '1' };
  const servers = [await startServer('gateway', env), await startServer('worker', env)];
  try {
    await takeOf(servers[0]!.url);
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
    await clearKeys(redisUrl, prefix);
    await rm(folder, { recursive: true, force: true });
  }
}

async function takeOf(url: string): Promise<void> {
  const address = `${url}/console/`;
  const post = async (path: string, body: object): Promise<{ id: string }> => (await fetch(url + path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })).json() as Promise<{ id: string }>;
  for (const [seed, prompt] of earlier.entries()) await post('/v1/images/generations', { prompt, seed });
  await picture('studio', { ...desk, colorScheme: 'dark' }, async (page) => {
    await make(page, { address, prompt: 'four leaf clover' });
  });
  await picture('gallery', { ...desk, colorScheme: 'light' }, async (page) => {
    await page.goto(`${address}#/gallery`);
    await page.locator('.job img').nth(3).waitFor({ timeout: 60_000 });
  });
  await picture('studio-phone', { ...phone, colorScheme: 'light' }, async (page) => {
    await make(page, { address, prompt: 'snowman' });
    await page.locator('.lane').first().evaluate((lane: { scrollIntoView(): void }) => lane.scrollIntoView());
  });
  const study = await post('/v1/studies', { name: 'Three full steps', prompts: earlier.slice(0, 4), candidates: [{ name: 'anchored 3', acceleration: { strategy: 'anchored', budget: 3 } }], margin: 0.1, votes_wanted: 8 });
  await picture('study-phone', { ...phone, colorScheme: 'light' }, async (page) => {
    await page.goto(`${address}#/study/${study.id}`);
    await page.locator('.pair').waitFor({ timeout: 60_000 });
  });
}

async function make(page: Page, { address, prompt }: { address: string; prompt: string }): Promise<void> {
  await page.goto(address);
  await page.getByLabel('Prompt').fill(prompt);
  await page.getByRole('button', { name: 'Make' }).click();
  await page.getByText('Done:').nth(1).waitFor({ timeout: 60_000 });
}

async function picture(name: string, options: BrowserContextOptions, show: (page: Page) => Promise<void>): Promise<void> {
  const page = await browser.newPage({ reducedMotion: 'reduce', ...options });
  await show(page);
  await sharp(await page.screenshot()).png({ palette: true, effort: 10 }).toFile(join(to, `${name}.png`));
  await page.close();
}
