import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { ask, eventually, ownService, type RunningServer } from '../harness/index.js';
import { chromiumPath } from './browser.js';
import { servedPage } from './served-page.js';

const long = { timeout: 90_000 };
const steps = 64;

/** Four pictures of the shipped model with a step a token: long enough to be met in the middle on any machine. */
describe.skipIf(chromiumPath === undefined)('a picture that is half made, in a browser', () => {
  const service = ownService('midway', { env: { BUNDLE: 'bundles/emoji' } });
  const served = servedPage(service);

  /** Has one made, and stops its worker between two steps. */
  async function meet(): Promise<{ page: Page; worker: RunningServer; id: string; step: number }> {
    const page = await served.open(`#/studio?prompt=rocket&strategy=vanilla&steps=${steps}&n=4`);
    const worker = await service.worker();
    await worker.ready(100_000);
    await page.getByRole('button', { name: 'Make' }).click();
    await page.getByText(/^step [1-9]\d* of 64$/).waitFor(long);
    process.kill(worker.pid, 'SIGSTOP');
    const [id] = new URL(page.url()).hash.match(/gen_[a-z0-9]+/)!;
    const { status, step } = await read(id);
    expect(status).toBe('in_progress');
    expect(step).toBeGreaterThan(0);
    return { page, worker, id, step };
  }
  const read = async (id: string) => (await ask(`${service.url}/v1/generations/${id}`)).body;
  const stepShown = async (page: Page): Promise<number> => Number((await page.getByText(/^step \d+ of 64$/).textContent())!.match(/\d+/)![0]);
  const goOn = (worker: RunningServer) => process.kill(worker.pid, 'SIGCONT');

  it('is found at its step when the page is loaded again, and appears', async () => {
    const { page, worker, id, step } = await meet();
    await page.reload();
    await page.getByText('In the making.').waitFor(long);
    expect(await stepShown(page)).toBeGreaterThanOrEqual(step);
    expect(await stepShown(page)).toBeLessThan(steps);
    goOn(worker);
    await page.getByText('Done: 64 full.').waitFor(long);
    await page.getByRole('img', { name: 'rocket, 4 of 4', exact: true }).waitFor();
    expect(await read(id)).toMatchObject({ status: 'completed', step: steps });
  }, 240_000);

  it('goes on when the server was gone in between, and appears', async () => {
    const { page, worker, id, step } = await meet();
    await service.gateway.stop();
    await page.getByText('The server does not answer.').waitFor(long);
    goOn(worker);
    await service.restart();
    await page.getByText('The server does not answer.').waitFor({ state: 'detached', ...long });
    await eventually(async () => (await stepShown(page)) > step, { what: 'the page goes on' });
    await page.getByText('Done: 64 full.').waitFor(long);
    await page.getByRole('img', { name: 'rocket, 4 of 4', exact: true }).waitFor();
    expect(await read(id)).toMatchObject({ status: 'completed', step: steps });
  }, 240_000);
});
