import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { repositoryRoot } from '../harness/index.js';
import { series } from './built.js';
import { namesIn } from './names-in.js';

const folder = join(repositoryRoot, 'deploy', 'prometheus');
/** Set by `npm test` where promtool is to be had. */
const promtool = process.env['TEST_PROMTOOL'] ?? 'promtool';
const hasPromtool = spawnSync(promtool, ['--version']).status === 0;
if (!hasPromtool) console.warn('alerts.spec: the rules are not run through promtool: there is none on the PATH and TEST_PROMTOOL names none');

interface Rule {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
  readonly labels?: Record<string, string>;
  readonly annotations?: { readonly summary: string; readonly runbook_url: string };
}

describe('the alerts', () => {
  let rules: Rule[];
  let alerts: Rule[];
  let tested: { name: string; exp_alerts: unknown[] }[];

  beforeAll(async () => {
    rules = parse(await readFile(join(folder, 'rules.yaml'), 'utf8')).groups.flatMap((group: { rules: Rule[] }) => group.rules);
    alerts = rules.filter(({ alert }) => alert !== undefined);
    const { tests } = parse(await readFile(join(folder, 'rules.test.yaml'), 'utf8'));
    tested = tests.flatMap(({ alert_rule_test }: any) => alert_rule_test.map(({ alertname, exp_alerts }: any) => ({ name: alertname, exp_alerts })));
  });

  it.runIf(hasPromtool).each([[['check', 'config', 'prometheus.yaml']], [['test', 'rules', 'rules.test.yaml']]])('pass promtool: %j', (args) => {
    const { status, stdout, stderr } = spawnSync(promtool, args, { cwd: folder, encoding: 'utf8' });
    expect(status, stdout + stderr).toBe(0);
  });

  it('are each shown to fire by a test', () => {
    const fired = new Set(tested.filter(({ exp_alerts }) => exp_alerts.length > 0).map(({ name }) => name));
    expect([...fired].sort()).toEqual(alerts.map(({ alert }) => alert).sort());
  });

  it('are made of series that the servers show, or that a rule before them records', async () => {
    const known = new Set([...(await series()).keys(), ...rules.flatMap(({ record }) => record ?? [])]);
    for (const { expr, alert, record } of rules) expect(namesIn(expr).filter((name) => !known.has(name)), alert ?? record!).toEqual([]);
  });

  it('say how bad it is, and where to read what to do', async () => {
    const headings = (await readFile(join(repositoryRoot, 'docs', 'operations.md'), 'utf8')).match(/^#+ .*$/gm)!;
    const anchors = headings.map((heading) => heading.replace(/^#+ /, '').toLowerCase().replace(/[^a-z0-9 -]/g, '').replaceAll(' ', '-'));
    for (const { alert, labels, annotations } of alerts) {
      expect(labels?.['severity'], alert).toMatch(/^(warning|critical)$/);
      const [file, anchor] = annotations!.runbook_url.split('#');
      expect(file).toBe('docs/operations.md');
      expect(anchors, alert).toContain(anchor);
    }
  });
});
