import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BenchReport } from '../bench/bench-report.js';
import { runFakeCli } from '../testing/run-fake-cli.js';

let bundle: string;
beforeEach(async () => {
  bundle = await mkdtemp(join(tmpdir(), 'slipstream-bench-'));
  const entries = ['cat', 'dog'].map((name) => ({ name, categories: [], tokens: [1, 2, 3, 4] }));
  await writeFile(join(bundle, 'reference.json'), JSON.stringify({ entries, prompts: { names: ['cat', 'dog'], categories: [] } }));
});
afterEach(() => rm(bundle, { recursive: true, force: true }));

describe('slipstream bench', () => {
  it('prints every figure with its spread as JSON', async () => {
    const run = await runFakeCli(['bench', '--bundle', bundle, '--quick', '--json']);
    expect(run.code).toBe(0);
    const report = JSON.parse(run.out) as BenchReport;
    expect(report.steps).toMatchObject({ fullMs: 10, shortcutMs: 1, decodeMs: 2, ratio: 10 });
    expect(report.configuration).toMatchObject({
      vanilla: { strategy: 'vanilla', steps: 4, budget: 4 },
      accelerated: { strategy: 'shortcut', steps: 4, budget: 2 },
    });
    expect(report.batches.map((batch) => batch.rows)).toEqual([1, 2, 4, 8, 16]);
    expect(report.pictures.spread.vanillaSeconds.repetitions).toBeGreaterThanOrEqual(2);
    for (const figure of [report.pictures.speedup, report.engine.efficiency, report.engine.outsideOnnxShare]) {
      expect(Number.isFinite(figure)).toBe(true);
    }
  });

  it('prints the same for people', async () => {
    const { out } = await runFakeCli(['bench', '--bundle', bundle, '--quick']);
    expect(out).toMatch(/full 10\.00 \(IQR 0\.00, \d+ times\) ms, shortcut 1\.00/);
    expect(out).toMatch(/accelerated shortcut, 2 of 4 steps full/);
  });
});
