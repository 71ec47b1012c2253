import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { repositoryRoot } from '../harness/index.js';
import { series } from './built.js';
import { labelsIn, namesIn } from './names-in.js';

const folder = join(repositoryRoot, 'deploy', 'grafana');

describe('the dashboard', () => {
  let dashboard: any;
  let exprs: string[];
  beforeAll(async () => {
    dashboard = JSON.parse(await readFile(join(folder, 'dashboards', 'slipstream.json'), 'utf8'));
    exprs = dashboard.panels.flatMap(({ targets = [] }: any) => targets.map(({ expr }: any) => expr));
  });

  it('is what its source makes', async () => {
    const source = await import(pathToFileURL(join(folder, 'make-dashboard.mjs')).href);
    expect(dashboard).toEqual(source.dashboard());
  });

  it('reads series that the servers show, by labels and legends that these have', async () => {
    const known = await series();
    for (const expr of exprs) {
      expect(namesIn(expr).filter((name) => !known.has(name)), expr).toEqual([]);
      for (const [name, labels] of labelsIn(expr)) expect(labels.filter((label) => !known.get(name)!.has(label)), expr).toEqual([]);
    }
    for (const { expr, legendFormat } of dashboard.panels.flatMap(({ targets = [] }: any) => targets)) {
      for (const [, label] of legendFormat.matchAll(/\{\{(\w+)\}\}/g)) expect(/by \(([^)]*)\)/.exec(expr)![1]!.split(', ')).toContain(label);
    }
  });

  it('shows most of what there is', async () => {
    const shown = new Set(exprs.flatMap(namesIn).map((name) => name.replace(/_(bucket|sum|count)$/, '')));
    expect(shown.size).toBeGreaterThan(15);
    expect(shown).toContain('slipstream_backlog_device_seconds');
  });

  it('asks the data source that is provisioned, and lies where Grafana looks', async () => {
    const { datasources } = parse(await readFile(join(folder, 'provisioning', 'datasources', 'prometheus.yaml'), 'utf8'));
    const uids = datasources.map(({ uid }: any) => uid);
    for (const { datasource } of dashboard.panels.filter(({ type }: any) => type !== 'row')) expect(uids).toContain(datasource.uid);
    const { providers } = parse(await readFile(join(folder, 'provisioning', 'dashboards', 'slipstream.yaml'), 'utf8'));
    const { services } = parse(await readFile(join(repositoryRoot, 'deploy', 'compose.yaml'), 'utf8'), { merge: true });
    expect(services.grafana.volumes).toContain(`./grafana/dashboards:${providers[0].options.path}:ro`);
  });
});
