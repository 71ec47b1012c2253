import { readFile } from 'node:fs/promises';
import { openEngine, type Engine, type SampleRequest, type SampleResult } from '@slipstream/runtime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CLASS_BUNDLE } from './testing/class-bundle.js';
import { DIMOO_BUNDLE } from './testing/dimoo-bundle.js';

/** Made by apps/trainer/tests/published_runs.py. */
type Run = SampleRequest & { readonly tokens: readonly number[]; readonly revealedAt: readonly number[] };

describe.each([
  ['MaskGIT', CLASS_BUNDLE, 'maskgit-runs.json'],
  ['Lumina-DiMOO', DIMOO_BUNDLE, 'dimoo-runs.json'],
])('64 vanilla and 64 shortcut runs of %s', (_, bundleDir, file) => {
  let engine: Engine;
  let runs: readonly Run[];
  beforeAll(async () => {
    runs = JSON.parse(await readFile(new URL(`./testing/${file}`, import.meta.url), 'utf8')) as Run[];
    engine = await openEngine({ bundleDir, threads: 1 });
  });
  afterAll(() => engine.close());
  const expected = () => runs.map(({ tokens, revealedAt }) => ({ tokens, revealedAt }));
  const found = ({ tokens, revealedAt }: SampleResult) => ({ tokens: [...tokens], revealedAt: [...revealedAt] });

  it('reveal the published tokens at the published steps, in batches of whatever rows want the same', async () => {
    let shared = 0;
    const hear = engine.on(({ rows }) => (shared += rows - 1));
    const made = await Promise.all(runs.map((run) => engine.submit(run)));
    hear();
    expect(made.map(found)).toEqual(expected());
    expect(shared).toBeGreaterThan(runs.length);
  }, 60_000);

  it('do so alone', async () => {
    const made: SampleResult[] = [];
    for (const run of runs) made.push(await engine.submit({ ...run, cache: 'off' }));
    expect(made.map(found)).toEqual(expected());
  }, 60_000);
});
