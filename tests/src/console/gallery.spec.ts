import { createHash } from 'node:crypto';
import type { Page } from 'playwright-core';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ask, eventually, ownService, startWorker } from '../harness/index.js';
import { chromiumPath } from './browser.js';
import { servedPage } from './served-page.js';

describe.skipIf(chromiumPath === undefined)('the gallery, in a browser', () => {
  const service = ownService('gallery');
  const served = servedPage(service);
  let page: Page;
  let made: { id: string; slipstream: { bundle: string; seconds: { engine: number } } };

  beforeAll(async () => {
    const worker = await startWorker(service.env);
    made = (await ask(`${service.url}/v1/images/generations`, { json: { prompt: 'red apple', seed: 5, n: 2 } })).body;
    await worker.stop();
    await ask(`${service.url}/v1/generations`, { json: { prompt: 'green pear', seed: 6 } });
  }, 180_000);

  beforeEach(async () => {
    page = await served.open('#/gallery');
    await page.getByRole('article', { name: 'red apple' }).waitFor();
  });

  const digestsOf = ({ data }: { data: { b64_json: string }[] }): string[] => data.map(({ b64_json }) => createHash('sha256').update(b64_json, 'base64').digest('hex'));
  const jobs = (): Promise<string[]> => page.getByRole('article').getByRole('heading').allTextContents();

  it('has what was asked for, with all of its pictures', async () => {
    expect(await jobs()).toEqual(['green pear', 'red apple']);
    await page.getByRole('img', { name: 'red apple, 2 of 2' }).waitFor();
  });

  it('is narrowed by status, prompt and time', async () => {
    const shown = (names: string[]) => eventually(async () => String(await jobs()) === String(names), { what: `there are ${names}` });
    await page.getByLabel('Prompt has').pressSequentially('PEAR');
    await shown(['green pear']);
    await page.getByLabel('Prompt has').fill('apple');
    await shown(['red apple']);
    await page.getByLabel('Status').selectOption('queued');
    await page.getByText('Nothing of the kind.').waitFor();
    await page.getByLabel('Prompt has').fill('');
    await shown(['green pear']);
    await page.getByLabel('Status').selectOption('');
    await page.getByLabel('Asked for').selectOption('last hour');
    await shown(['green pear', 'red apple']);
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

  it.each([
    ['shortcut', { n: 2, output_format: 'webp', output_compression: 40, background: 'opaque', acceleration: { strategy: 'shortcut', steps: 12, budget: 3, placement: 'mass', guidance: 3.5, temperature: 0.7 } }],
    ['adaptive', { output_format: 'jpeg', acceleration: { strategy: 'adaptive', tolerance: 0.05, max_gap: 3 } }],
    ['dimo', { acceleration: { strategy: 'dimo', init_ratio: 0.5 } }],
  ])('makes the same bytes again, with all that was chosen: %s', async (strategy, chosen) => {
    const worker = await service.worker();
    const { body: { id } } = await ask(`${service.url}/v1/images/generations`, { json: { prompt: ` again, ${strategy}`, seed: 2 ** 40, ...chosen } });
    await page.getByRole('button', { name: 'Look again' }).click();
    await page.getByRole('article', { name: `again, ${strategy}` }).getByRole('link', { name: 'Run again' }).click();
    await page.getByRole('button', { name: 'Make' }).click();
    await page.getByText('Done:').waitFor({ timeout: 60_000 });
    const [again] = new URL(page.url()).hash.match(/gen_[a-z0-9]+/)!;
    expect(again).not.toBe(id);
    const [first, second] = await Promise.all([id, again].map(async (each) => (await ask(`${service.url}/v1/generations/${each}?response_format=b64_json`)).body));
    expect(second.acceleration).toEqual(first.acceleration);
    expect(digestsOf(second)).toEqual(digestsOf(first));
    await worker.stop();
  }, 120_000);
});
