import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, scratch, startGateway, startWorker, type RunningServer, type Scratch } from './harness/index.js';

/** Set by `npm test` where promtool is to be had. */
const promtool = process.env['TEST_PROMTOOL'] ?? 'promtool';
const hasPromtool = spawnSync(promtool, ['--version']).status === 0;
if (!hasPromtool) console.warn('metrics.spec: `promtool check metrics` is left out: there is no promtool on the PATH and TEST_PROMTOOL names none');

let own: Scratch;
const servers: RunningServer[] = [];
const scrapes: Record<string, string> = {};

beforeAll(async () => {
  own = await scratch('metrics');
  servers.push(await startGateway(own.env), await startWorker(own.env));
  await Promise.all(servers.map((server) => server.ready()));
  const [gateway, worker] = servers as [RunningServer, RunningServer];
  const { status } = await ask(`${gateway.url}/v1/images/generations`, { json: { prompt: 'pizza', seed: 7 } });
  expect(status).toBe(200);
  await ask(`${gateway.url}/v1/images/generations`, { json: { prompt: '' } });
  scrapes['gateway'] = await scrape(gateway);
  scrapes['worker'] = await scrape(worker);
}, 180_000);

afterAll(async () => {
  await Promise.all(servers.map((server) => server.stop('SIGKILL')));
  await own?.dispose();
}, 60_000);

const scrape = async ({ url }: RunningServer): Promise<string> => (await fetch(`${url}/metrics`)).text();

/** Sum of a metric's samples whose labels hold `labels`. */
function total(text: string, name: string, labels = ''): number {
  const samples = text.split('\n').filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
  return samples.filter((line) => line.includes(labels)).reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

describe('the metrics of a service that made one picture', () => {
  it.runIf(hasPromtool).each(['gateway', 'worker'])('pass promtool on the %s', (server) => {
    const { status, stdout, stderr } = spawnSync(promtool, ['check', 'metrics'], { input: scrapes[server]!, encoding: 'utf8' });
    expect({ status, said: stdout + stderr }).toEqual({ status: 0, said: '' });
  });

  it('count its steps by kind, its runs, its speed-up', () => {
    const text = scrapes['worker']!;
    expect(total(text, 'slipstream_steps_total', 'kind="full"')).toBe(3);
    expect(total(text, 'slipstream_steps_total', 'kind="shortcut"')).toBe(5);
    expect(total(text, 'slipstream_speedup_ratio_count')).toBe(1);
    expect(total(text, 'slipstream_engine_capacity_rows')).toBeGreaterThan(0);
  });
});
