import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { ask, eventually, ownService } from '../harness/index.js';
import { chromiumPath } from './browser.js';
import { servedPage } from './served-page.js';

const long = { timeout: 60_000 };

describe.skipIf(chromiumPath === undefined)('the studio, in a browser', () => {
  const service = ownService('studio');
  const served = servedPage(service);
  let page: Page;

  const visit = async (hash = ''): Promise<void> => void (page = await served.open(hash, { acceptDownloads: true }));
  const make = async (prompt: string): Promise<void> => {
    await page.getByLabel('Prompt').fill(prompt);
    await page.getByRole('button', { name: 'Make' }).click();
  };
  const pictures = (prompt: string) => page.getByRole('img', { name: prompt, exact: true });
  const idsInAddress = (): string[] => [...new URL(page.url()).hash.matchAll(/gen_[a-z0-9]+/g)].map(([id]) => id);

  it('makes two pictures of a prompt under one seed, step by step', async () => {
    await visit();
    await make('sun');
    await page.getByText('Waiting for a worker.').nth(1).waitFor();
    await service.worker();
    await pictures('sun').nth(1).waitFor(long);
    const made = await Promise.all(idsInAddress().map(async (id) => (await ask(`${service.url}/v1/generations/${id}`)).body));
    expect(made.map(({ prompt, seed, acceleration }) => [prompt, seed, acceleration.strategy === 'vanilla'])).toEqual([['sun', 7, false], ['sun', 7, true]]);
    const lanes = page.getByRole('article');
    for (const [index, { step_map: map }] of made.entries()) {
      await lanes.nth(index).getByText('Done:').waitFor();
      const marks = await lanes.nth(index).locator('.timeline span').evaluateAll((spans) => spans.map((span: { dataset: { kind?: string } }) => span.dataset.kind));
      expect(marks).toEqual([...map].map((letter: string) => ({ F: 'full', R: 'recalled', s: 'shortcut', p: 'partial' })[letter]));
      expect(await lanes.nth(index).locator('.clock').textContent()).toBe(`${made[index].slipstream.seconds.engine.toFixed(2)} s of engine`);
    }
  }, 120_000);

  it('shows what is on its way with a veil over what is masked', async () => {
    await visit();
    await page.evaluate("new MutationObserver(() => { const veil = document.querySelector('.mask path'); if (veil) window.veil = veil.getAttribute('d'); }).observe(document.body, { childList: true, subtree: true })");
    await page.getByLabel('Preset').selectOption('vanilla');
    await make('sun');
    await service.worker();
    await pictures('sun').waitFor(long);
    expect(await page.evaluate('window.veil')).toMatch(/^(M[0-3] [0-3]h1v1h-1z){1,15}$/);
    expect(await page.locator('.mask').count()).toBe(0);
  }, 120_000);

  it('takes a prompt by keyboard alone, and gives the picture as a file', async () => {
    await service.worker();
    await visit();
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to content');
    await page.getByLabel('Prompt').focus();
    await page.keyboard.type('star');
    await page.keyboard.press('Enter');
    const coming = page.waitForEvent('download', long);
    await page.getByRole('link', { name: 'Download' }).first().click(long);
    const file = await coming;
    expect(file.suggestedFilename()).toMatch(/^star-7-.*\.png$/);
    expect((await readFile(await file.path())).toString('latin1', 1, 4)).toBe('PNG');
  }, 120_000);

  it('cancels', async () => {
    await visit();
    await make('sun');
    await page.getByRole('button', { name: 'Cancel' }).nth(1).waitFor();
    await page.getByRole('button', { name: 'Cancel' }).first().click();
    await page.getByText('Cancelled.').waitFor();
    const [first] = idsInAddress();
    expect((await ask(`${service.url}/v1/generations/${first}`)).body.status).toBe('cancelled');
    expect(await page.getByRole('button', { name: 'Cancel' }).count()).toBe(1);
  }, 120_000);

  it('finds what is in the making when it is loaded again', async () => {
    await visit();
    await make('moon');
    await page.getByText('Waiting for a worker.').first().waitFor();
    const before = idsInAddress();
    await page.reload();
    await page.getByText('Waiting for a worker.').first().waitFor();
    expect(idsInAddress()).toEqual(before);
    expect(await page.getByLabel('Prompt').inputValue()).toBe('moon');
    await service.worker();
    await pictures('moon').nth(1).waitFor(long);
  }, 120_000);

  it('says that the server is away, and goes on when it is back', async () => {
    await visit();
    await make('tree');
    await page.getByText('Waiting for a worker.').first().waitFor();
    await service.gateway.stop();
    await page.getByText('The server does not answer.').waitFor(long);
    expect(await page.getByRole('button', { name: 'Make' }).isDisabled()).toBe(true);
    await service.restart();
    await page.getByText('The server does not answer.').waitFor({ state: 'detached', ...long });
    await service.worker();
    await pictures('tree').nth(1).waitFor(long);
  }, 150_000);

  it('says why a wish is refused', async () => {
    await visit();
    await make('sun\u0007');
    await page.getByRole('alert').waitFor();
    expect(await page.getByRole('alert').textContent()).toContain('prompt');
  }, 60_000);

  it('copies its request as curl', async () => {
    await visit('#/studio?prompt=sun&seed=11');
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.getByRole('button', { name: 'curl' }).click();
    await page.getByText('Copied as curl.').waitFor();
    const copied = await eventually(() => page.evaluate('navigator.clipboard.readText()') as Promise<string>, { what: 'the clipboard' });
    expect(copied).toContain(`${service.url}/v1/images/generations`);
    expect(copied).toContain('"prompt":"sun","seed":11');
  }, 60_000);
});
