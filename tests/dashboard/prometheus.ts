import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, freePort, startProcess } from '../src/harness/index.js';
import { root } from '../bench/servers.js';

export interface Prometheus {
  /** Every series that answers a query over a span, a point each `stepSeconds`; NaN is left out. */
  range(query: string, span: { fromSeconds: number; toSeconds: number; stepSeconds: number }): Promise<{ labels: Record<string, string>; points: [number, number][] }[]>;
  stop(): Promise<void>;
}

/** A real Prometheus that scrapes these addresses every second. Its program is where scripts/promtool.mjs unpacks it, or on the PATH. */
export async function startPrometheus(targets: readonly string[]): Promise<Prometheus> {
  const unpacked = join(root, '.slipstream', 'prometheus', 'usr', 'bin', 'prometheus');
  const folder = await mkdtemp(join(tmpdir(), 'slipstream-prometheus-'));
  const config = { global: { scrape_interval: '1s' }, scrape_configs: [{ job_name: 'slipstream', static_configs: [{ targets }] }] };
  await writeFile(join(folder, 'prometheus.json'), JSON.stringify(config)); // JSON is YAML
  const address = `127.0.0.1:${await freePort()}`;
  const running = startProcess({
    name: 'prometheus',
    command: existsSync(unpacked) ? unpacked : 'prometheus',
    args: [`--config.file=${folder}/prometheus.json`, `--storage.tsdb.path=${folder}/data`, `--web.listen-address=${address}`],
  });
  await eventually(async () => running.hasExited() || (await fetch(`http://${address}/-/ready`)).ok, { what: 'prometheus is ready' });
  if (running.hasExited()) throw new Error(`prometheus ended:\n${running.output()}`);
  return {
    async range(query, { fromSeconds, toSeconds, stepSeconds }) {
      const asked = new URLSearchParams({ query, start: String(fromSeconds), end: String(toSeconds), step: String(stepSeconds) });
      const answer = (await (await fetch(`http://${address}/api/v1/query_range?${asked}`)).json()) as { error?: string; data?: { result: { metric: Record<string, string>; values: [number, string][] }[] } };
      if (!answer.data) throw new Error(`Prometheus does not answer ${query}: ${answer.error}`);
      return answer.data.result.map(({ metric, values }) => ({ labels: metric, points: values.map(([at, value]): [number, number] => [at, Number(value)]).filter(([, value]) => Number.isFinite(value)) }));
    },
    async stop() {
      await running.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
