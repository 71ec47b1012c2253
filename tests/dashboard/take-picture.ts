// `npm run dashboard:picture`: gateway, worker and Prometheus under a little load for two and a half minutes, and what
// the panels of deploy/grafana then show, drawn with their own queries to docs/dashboard.svg.
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { clearKeys } from '../bench/clear-keys.js';
import { root, startServer } from '../bench/servers.js';
import { drawDashboard, type DrawnPanel, type DrawnRow } from './draw-dashboard.js';
import { startPrometheus, type Prometheus } from './prometheus.js';

/** Requests a second, for so many seconds: a morning, a rush, an evening. */
const phases = [{ rate: 1, seconds: 30 }, { rate: 3, seconds: 25 }, { rate: 0, seconds: 95 }];
const prompts = ['red apple', 'slice of pizza', 'cat face', 'rocket', 'four leaf clover', 'hot beverage', 'snowman', 'sun behind cloud'];
const redisUrl = process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6379';

type Panel = { type: string; title: string; fieldConfig: { defaults: { unit: string } }; targets: { expr: string; legendFormat: string }[] };

const folder = await mkdtemp(join(tmpdir(), 'slipstream-dashboard-'));
const prefix = `dashboard-${randomBytes(4).toString('hex')}`;
const env = { REDIS_URL: redisUrl, QUEUE_PREFIX: prefix, STORAGE_URL: pathToFileURL(folder).href, SIGNING_KEY: randomBytes(16).toString('hex'), AUDIT_SHARE: '0.2', SCORE_SHARE: '0.2', LOG_LEVEL: 'warn', ENGINE_THREADS: '2' };
const servers = [await startServer('gateway', env), await startServer('worker', env)];
try {
  const prometheus = await startPrometheus(servers.map(({ url }) => new URL(url).host));
  try {
    const fromSeconds = Date.now() / 1000;
    await load(servers[0]!.url);
    await writeFile(join(root, 'docs', 'dashboard.svg'), drawDashboard(await answers(prometheus, { fromSeconds, toSeconds: Date.now() / 1000 }), { fromSeconds, toSeconds: Date.now() / 1000 }));
  } finally {
    await prometheus.stop();
  }
} finally {
  await Promise.all(servers.map((server) => server.stop()));
  await clearKeys(redisUrl, prefix);
  await rm(folder, { recursive: true, force: true });
}

async function load(gateway: string): Promise<void> {
  let asked = 0;
  for (const { rate, seconds } of phases) {
    for (let tick = 0; tick < seconds; tick++) {
      const next = new Promise((resolve) => setTimeout(resolve, 1000));
      for (let index = 0; index < rate; index++) {
        const prompt = prompts[Math.floor((asked * 5) % prompts.length)]!;
        const body = JSON.stringify(asked % 40 === 39 ? { prompt: '' } : { prompt, seed: asked });
        asked++;
        await (await fetch(`${gateway}/v1/generations`, { method: 'POST', headers: { 'content-type': 'application/json' }, body })).arrayBuffer();
      }
      await next;
    }
  }
}

async function answers(prometheus: Prometheus, { fromSeconds, toSeconds }: { fromSeconds: number; toSeconds: number }): Promise<DrawnRow[]> {
  const { panels } = JSON.parse(await readFile(join(root, 'deploy', 'grafana', 'dashboards', 'slipstream.json'), 'utf8')) as { panels: Panel[] };
  const rows: { title: string; panels: DrawnPanel[] }[] = [];
  for (const { type, title, fieldConfig, targets } of panels) {
    if (type === 'row') {
      rows.push({ title, panels: [] });
      continue;
    }
    const lines = await Promise.all(targets.map(async ({ expr, legendFormat }) => {
      const found = await prometheus.range(expr.replaceAll('$__rate_interval', '10s'), { fromSeconds, toSeconds, stepSeconds: 2 });
      return found.map(({ labels, points }) => ({ legend: legendFormat.replace(/\{\{(\w+)\}\}/g, (_, name: string) => labels[name] ?? ''), points }));
    }));
    rows.at(-1)!.panels.push({ title, unit: fieldConfig.defaults.unit, lines: lines.flat().filter(({ points }) => points.length > 1) });
  }
  return rows;
}
