import { describe, expect, it } from 'vitest';
import { ask, ownService } from '../harness/index.js';
import { axeFaults } from './axe.js';
import { chromiumPath } from './browser.js';
import { servedPage } from './served-page.js';

describe.skipIf(chromiumPath === undefined)('the fleet', () => {
  const service = ownService('page-fleet');
  const served = servedPage(service);

  it('shows its workers as they come and go, and what they did in plots and in a table', async () => {
    const worker = await service.worker();
    await ask(`${service.url}/v1/images/generations`, { json: { prompt: 'sun', n: 2, acceleration: { strategy: 'shortcut', steps: 8, budget: 2 } } });
    const page = await served.open('#/fleet');
    await page.getByRole('region', { name: 'Workers' }).waitFor({ timeout: 30_000 });
    await page.getByRole('img', { name: /^Steps: full [\d.]+ \/ s, shortcut/ }).waitFor({ timeout: 30_000 });
    await page.getByText('The plots as a table').click();
    expect(await page.getByRole('region', { name: /^Since/ }).getByRole('row').count()).toBeGreaterThan(1);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      expect(await axeFaults(page), colorScheme).toEqual([]);
    }
    await page.getByLabel('Over').selectOption('week');
    await page.getByRole('img', { name: /^Rows in use: in use/ }).waitFor();
    await worker.stop();
    await page.getByText('No worker tells of itself').waitFor({ timeout: 30_000 });
  }, 120_000);
});
