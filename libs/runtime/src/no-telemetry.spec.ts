import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const dist = new URL('../dist/index.js', import.meta.url).href;
const bundleDir = fileURLToPath(new URL('../../../tests/bundles/tiny', import.meta.url));

it('the engine leaves neither an identifier in the home folder nor a log in the temporary one, as telemetry would', () => {
  const folder = mkdtempSync(join(tmpdir(), 'slipstream-telemetry-'));
  try {
    const script = `import('${dist}').then(({ openEngine }) => openEngine({ bundleDir: ${JSON.stringify(bundleDir)}, threads: 1, capacity: 1 })).then((engine) => engine.close())`;
    const { status, stderr } = spawnSync(process.execPath, ['-e', script], { env: { PATH: process.env['PATH'], HOME: folder, TMPDIR: folder }, encoding: 'utf8' });
    expect({ status, stderr, left: readdirSync(folder) }).toEqual({ status: 0, stderr: '', left: [] });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
