// A fleet in simulated time: `npm run simulation [-- --out docs/simulation --only day,hands --seed 1 --quick]`.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Experiment, Finding, Scale } from './experiment.js';
import { experiments } from './experiments.js';
import { draw } from './plots.js';
import { measureRedis, redisFinding } from './redis-load.js';
import { report } from './report.js';

const { values } = parseArgs({
  options: { out: { type: 'string', default: 'docs/simulation' }, only: { type: 'string' }, seed: { type: 'string', default: '1' }, price: { type: 'string', default: '2' }, quick: { type: 'boolean', default: false } },
});
const sizes = values.quick ? { fleet: 20, daySeconds: 120, devices: 5, seconds: 60 } : { fleet: 1_000, daySeconds: 1_200, devices: 100, seconds: 600 };
const scale: Scale = { ...sizes, seed: Number(values.seed), pricePerHour: Number(values.price) };
const all: Readonly<Record<string, Experiment>> = { ...experiments, redis: async () => redisFinding(await measureRedis(values.quick ? 300 : 3_000)) };
const names = values.only?.split(',') ?? Object.keys(all);

try {
  const findings: Finding[] = [];
  await mkdir(values.out, { recursive: true });
  for (const name of names) {
    const experiment = all[name];
    if (!experiment) throw new Error(`--only ${name} is not one of ${Object.keys(all).join(', ')}`);
    const startedMs = performance.now();
    const finding = await experiment(scale);
    findings.push(finding);
    for (const plot of finding.plots ?? []) await writeFile(join(values.out, `${plot.name}.svg`), draw(plot));
    process.stderr.write(`${name}: ${((performance.now() - startedMs) / 1000).toFixed(0)} s\n`);
  }
  const text = report(findings, scale);
  await writeFile(join(values.out, 'report.md'), text);
  process.stdout.write(text);
} catch (error) {
  process.stderr.write(`simulation: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
