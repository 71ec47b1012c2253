import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ask, eventually, scratch, startGateway, startWorker, waitForExit, type RunningServer, type Scratch } from '../harness/index.js';

const tinyScorers = 'tests/bundles/tiny-text,tests/bundles/tiny-classifier';

describe('scores in production', { timeout: 180_000 }, () => {
  let own: Scratch;
  let running: RunningServer[] = [];
  beforeAll(async () => void (own = await scratch('scores')));
  afterEach(async () => {
    await Promise.all(running.map((server) => server.stop('SIGKILL')));
    running = [];
  });
  afterAll(() => own.dispose());

  async function start(app: typeof startWorker, env: Record<string, string> = {}): Promise<RunningServer> {
    const server = await app({ ...own.env, ...env });
    running.push(server);
    await server.ready(100_000);
    return server;
  }

  it('come with every audit and picture that is drawn, and many workers know one distance', async () => {
    const env = { SCORERS: tinyScorers, SCORE_SHARE: '1', AUDIT_SHARE: '0.5', AUDIT_FALLBACK: 'off', ENGINE_CAPACITY: '4' };
    const [gateway, ...workers] = await Promise.all([start(startGateway), start(startWorker, env), start(startWorker, env)]) as [RunningServer, RunningServer, RunningServer];
    const requests = ['apple', 'cat', 'sun', 'moon', 'tree', 'star'].map((prompt, i) => ask(`${gateway.url}/v1/images/generations`, { json: { prompt, n: 5, seed: 100 * i } }));
    expect((await Promise.all(requests)).map(({ status }) => status)).toEqual(requests.map(() => 200));
    const scrapes = () => Promise.all(workers.map(async ({ url }) => (await fetch(`${url}/metrics`)).text()));
    const counted = async (name: string, labels: string) => (await scrapes()).map((text) => sample(text, name, labels) ?? 0).reduce((sum, value) => sum + value, 0);

    await eventually(async () => (await counted('slipstream_picture_score_points_count', 'scorer="tiny-text"')) === 30, { what: 'every picture is scored', deadlineMs: 60_000 });
    expect(await counted('slipstream_picture_score_points_count', 'scorer="tiny-classifier"')).toBe(30);
    await eventually(async () => (await counted('slipstream_audit_score_difference_points_count', 'scorer="tiny-text"')) > 3, { what: 'audits compare scores' });

    const merged = await eventually(async () => {
      const found = (await scrapes()).find((text) => sample(text, 'slipstream_frechet_pictures', 'scorer="tiny-classifier"') === 30);
      return found !== undefined && found;
    }, { what: 'the pictures of both workers in one distance', deadlineMs: 60_000 });
    for (const scorer of ['tiny-text', 'tiny-classifier']) expect(sample(merged, 'slipstream_frechet_distance', `scorer="${scorer}"`)).toBeGreaterThan(0);
    expect(workers.map((worker) => worker.output()).join()).not.toMatch(/refused|could not be/);
  });

  it('of a scorer for pictures of another size are refused at the start, naming both and the key', async () => {
    const worker = await startWorker({ ...own.env, SCORERS: 'bundles/scorers/emoji-text' });
    running.push(worker);
    expect((await waitForExit(worker, 60_000)).code).toBe(1);
    expect(worker.output()).toMatch(/emoji-text judges pictures of 64x64, tiny makes 32x32; name scorers of that size in SCORERS/);
  });
});

/** A metric's sample whose labels hold `labels`. */
function sample(text: string, name: string, labels: string): number | undefined {
  const line = text.split('\n').find((each) => each.startsWith(`${name}{`) && each.includes(labels));
  return line === undefined ? undefined : Number(line.split(' ').at(-1));
}
