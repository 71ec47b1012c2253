import { describe, expect, it } from 'vitest';
import { ask, ownService } from '../harness/index.js';
import { axeFaults } from './axe.js';
import { chromiumPath } from './browser.js';
import { servedPage } from './served-page.js';

const narrow = { viewport: { width: 360, height: 760 } };

describe.skipIf(chromiumPath === undefined)('the study', () => {
  const service = ownService('page-study', { withWorker: true });
  const served = servedPage(service);

  it('is declared, voted on by keys and by pointer, and says what was found', async () => {
    const page = await served.open('#/study', narrow);
    await page.getByLabel('Prompts, one a line').fill('sun\nmoon');
    await page.getByLabel('Seeds').fill('4');
    await page.getByLabel('Votes for each candidate').fill('3');
    await page.getByLabel('Candidate 1', { exact: true }).selectOption('shortcut');
    await page.getByLabel('Full steps, at most, of candidate 1').fill('2');
    await page.getByRole('button', { name: 'Declare' }).click();
    await page.getByRole('img', { name: /^Left picture of/ }).waitFor({ timeout: 60_000 });
    for (const [index, key] of ['ArrowLeft', '='].entries()) {
      const shown = await page.locator('.pair').getAttribute('data-pair');
      await page.keyboard.press(key);
      await page.getByText(`${index + 1} of 3 votes`).waitFor();
      await page.locator(`.pair:not([data-pair="${shown}"])`).waitFor(); // the same two pictures may come again
    }
    await page.getByRole('button', { name: 'Right is better' }).click();
    await page.getByRole('link', { name: 'See what they say' }).click();
    await page.getByRole('rowheader', { name: 'shortcut 2' }).waitFor();
    const [study] = (await ask(`${service.url}/v1/studies`)).body.data;
    const { data } = (await ask(`${service.url}/v1/studies/${study.id}/votes`)).body;
    expect(data.map(({ choice }: { choice: string }) => choice)).toEqual(['left', 'tie', 'right']);
    expect(await page.getByRole('row', { name: /^shortcut 2 .* 3$/ }).count()).toBe(1);
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Export as CSV' }).click()]);
    expect(download.suggestedFilename()).toBe(`${study.id}-votes.csv`);
  }, 120_000);

  it('holds several candidates against one margin that was declared before', async () => {
    const page = await served.open('#/study', narrow);
    await page.getByLabel('Name').fill('three of them');
    await page.getByLabel('Prompts, one a line').fill('sun');
    await page.getByLabel('Votes for each candidate').fill('1');
    await page.getByLabel('Margin').fill('7');
    for (const [index, strategy] of ['shortcut', 'halton', 'anchored'].entries()) {
      if (index > 0) await page.getByRole('button', { name: 'Add a candidate' }).click();
      await page.getByLabel(`Candidate ${index + 1}`, { exact: true }).selectOption(strategy);
    }
    await page.getByRole('button', { name: 'Add a candidate' }).click();
    await page.getByRole('button', { name: 'Remove candidate 4' }).click();
    await page.getByLabel('Full steps, at most, of candidate 1').fill('2');
    await page.getByRole('button', { name: 'Declare' }).click();
    for (let votes = 1; votes <= 3; votes++) {
      await page.getByRole('button', { name: 'Left is better' }).click({ timeout: 60_000 });
      await page.getByText(`${votes} of 3 votes`).waitFor();
    }
    await page.getByRole('link', { name: 'See what they say' }).click();
    await page.getByRole('rowheader', { name: 'shortcut 2' }).waitFor();
    expect(await page.getByRole('region', { name: 'Results' }).getByRole('rowheader').allTextContents()).toEqual(['shortcut 2', 'halton', 'anchored']);
    await page.getByText('its whole interval is at least 43.0 %').waitFor();
    const id = new URL(page.url()).hash.split('/')[2]!;
    const { body: { candidates, margin } } = await ask(`${service.url}/v1/studies/${id}/results`);
    expect(margin).toBe(0.07);
    expect(candidates.map(({ votes, wins, ties, losses }: Record<string, number>) => [votes, wins! + ties! + losses!])).toEqual([[1, 1], [1, 1], [1, 1]]);
  }, 120_000);

  it('never scrolls sideways at the width of a phone', async () => {
    for (const place of ['#/study', '#/fleet']) {
      const page = await served.open(place, narrow);
      await page.getByRole('heading', { level: 1 }).waitFor();
      expect(await page.evaluate(() => { const { documentElement: root } = (globalThis as any).document; return root.scrollWidth - root.clientWidth; }), place).toBeLessThanOrEqual(0);
    }
  }, 60_000);

  it.each(['light', 'dark'] as const)('axe finds nothing wrong with it in %s', async (colorScheme) => {
    const { body: study } = await ask(`${service.url}/v1/studies`, { json: { name: 'open', prompts: ['sun'], candidates: [{ name: 'fast', acceleration: { strategy: 'shortcut', budget: 2 } }], margin: 0.1 } });
    const page = await served.open('#/study', { colorScheme, reducedMotion: 'reduce' });
    for (const [place, shows] of [['', 'Declare a study'], [`/${study.id}`, 'Left is better'], [`/${study.id}/results`, 'Verdict']] as const) {
      await page.goto(`${service.url}/console/#/study${place}`);
      await page.getByText(shows).first().waitFor({ timeout: 30_000 });
      expect(await axeFaults(page), place).toEqual([]);
    }
  }, 60_000);

  it('says why a declaration is refused', async () => {
    const page = await served.open('#/study', narrow);
    await page.getByLabel('Prompts, one a line').fill('sun\nsun');
    await page.getByRole('button', { name: 'Declare' }).click();
    expect(await page.getByRole('alert').textContent()).toContain('different prompts');
  }, 60_000);
});
