import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ProfileReport } from '../profile/profile-report.js';
import { fakeEngine, fakeManifest } from '../testing/fake-engine.js';
import { runFakeCli } from '../testing/run-fake-cli.js';

let bundle: string;
beforeEach(async () => {
  bundle = await mkdtemp(join(tmpdir(), 'slipstream-profile-'));
  await writeFile(join(bundle, 'reference.json'), JSON.stringify({ entries: [], prompts: { names: ['cat'], categories: [] } }));
});
afterEach(() => rm(bundle, { recursive: true, force: true }));

const weighed = {
  ...fakeManifest, weights: 'weights.bin', files: [{ path: 'weights.bin', bytes: 1e9, sha256: '' }],
  training: { operations: { full: { operations: 5e8, weightBytes: 1e6 }, shortcut: { operations: 1e6, weightBytes: 5e6 } } },
};
const args = (...more: string[]): string[] => ['profile', '--bundle', bundle, '--steps', '4', '--budget', '2', '--strategy-steps', '4', ...more];

describe('slipstream profile', () => {
  it('writes every figure as JSON', async () => {
    const out = join(bundle, 'profile.json');
    const run = await runFakeCli(args('--out', out, '--repetitions', '2'), { engine: { ...fakeEngine(), manifest: weighed } });
    expect(run.code).toBe(0);
    const { steps, pictures, memory, floors, strategies } = JSON.parse(await readFile(out, 'utf8')) as ProfileReport;
    expect(steps).toMatchObject({ full: { median: 0.01, repetitions: 12 }, shortcut: { median: 0.001 }, decode: { median: 0.002 }, ratio: 10 });
    expect(pictures).toMatchObject({ untilDecode: { limit: 2 }, vanilla: { repetitions: 2 } });
    expect(pictures.limit).toBeCloseTo(0.042 / 0.022);
    expect(memory.aboveWeightsBytes).toBe(2e9);
    expect(floors.map(({ graph, seconds, share }) => [graph, seconds, share])).toEqual([['full', 0.005, 0.5], ['shortcut', 0.0005, 0.5]]);
    expect(strategies.map(({ strategy, fullSteps, shortcutSteps }) => [strategy, fullSteps, shortcutSteps])).toEqual([['vanilla', 4, 0], ['shortcut', 1, 3]]);
  });

  it('prints Markdown, and says before it starts in earnest how long it takes', async () => {
    const { out, notes } = await runFakeCli(args());
    expect(out).toMatch(/\| full ÷ shortcut \| 10\.0 \|/);
    expect(out).toMatch(/\| `shortcut` \| 0\.0 \| 4 \| 1 \| 3 \| 0 \|/);
    expect(notes).toEqual([expect.stringMatching(/at most 14 full steps of 0\.0 s, 1 minutes/)]);
  });

  it('measures again what a service remembers, where asked to', async () => {
    const engine = fakeEngine();
    const submitted: (string | undefined)[] = [];
    const submit: typeof engine.submit = (request, options) => (submitted.push(request.cache), engine.submit(request, options));
    const { out, notes } = await runFakeCli(args('--remember'), { engine: { ...engine, submit } });
    expect(out).toMatch(/\| vanilla ÷ accelerated with it \(limit [\d.]+\) \|[^]*\| the same without the decode \(limit 3\.00\) \|/);
    expect(notes).toEqual([expect.stringMatching(/at most 20 full steps/)]);
    expect(submitted).toEqual(['off', 'off', 'on', 'on', 'on', 'off', 'off']);
  });

  it('refuses a place that it cannot write to before it measures', async () => {
    const run = await runFakeCli(args('--out', join(bundle, 'nowhere', 'profile.json')));
    expect([run.code === 0, run.out]).toEqual([false, '']);
  });
});
