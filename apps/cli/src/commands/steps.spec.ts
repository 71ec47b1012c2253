import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StepMeasure } from '@slipstream/runtime';
import { describe, expect, it } from 'vitest';
import { runFakeCli } from '../testing/run-fake-cli.js';

const measured = (kind: StepMeasure['kind'], features: StepMeasure['features'], rows: number, ms: number): StepMeasure => ({ kind, features, rows, seconds: [ms / 1000, ms / 1000, 9] });
const measures: StepMeasure[] = [
  measured('full', 'host', 1, 40), measured('full', 'device', 1, 30), measured('shortcut', 'host', 1, 8), measured('shortcut', 'device', 1, 2),
  { kind: 'full', features: 'host', rows: 4, seconds: [], failure: 'out of memory' },
];

describe('slipstream steps', () => {
  it('prints medians by rows and place, the ratio of both, and what failed', async () => {
    const { out, code } = await runFakeCli(['steps', '--provider', 'webgpu', '--rows', '1,4'], { measures });
    expect(code).toBe(0);
    expect(out).toContain('| 1 | 40.0 | 30.0 | 8.0 | 2.0 | 5.0 | 15.0 |');
    expect(out).toContain('| 4 |  |  |  |  |  |  |');
    expect(out).toContain('full, features on the host, 4 rows: out of memory');
  });

  it('writes every run as JSON', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'slipstream-steps-'));
    const file = join(folder, 'steps.json');
    await runFakeCli(['steps', '--out', file], { measures });
    expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ provider: 'cpu', measures });
    await rm(folder, { recursive: true });
  });

  it.each([['--rows', '4,2'], ['--rows', '0'], ['--features', 'disk']])('refuses %s %s', async (...option) => {
    expect((await runFakeCli(['steps', ...option])).code).toBe(2);
  });
});
