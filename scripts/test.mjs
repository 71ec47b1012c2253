// `npm test`: installs, builds, lints and runs every test, with a Redis of its own unless REDIS_URL names one.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { atTheDoor } from './at-the-door.mjs';
import { provideChromium } from './chromium.mjs';
import { ensureCommand } from './debian.mjs';
import { installAndBuild } from './install.mjs';
import { runNode, say } from './processes.mjs';
import { providePromtool } from './promtool.mjs';
import { ensurePython } from './python.mjs';
import { ensureRedisServer, ownRedis } from './redis.mjs';

await atTheDoor(async () => {
  await installAndBuild();
  say('linting');
  await runNode('node_modules/eslint/bin/eslint.js', ['.']);
  await ensurePython(); // The S3 server of the tests is a Python package.
  await ensureRedisServer(); // Tests stop and start one of their own, whichever Redis the rest uses.
  for (const tool of ['curl', 'jq']) await ensureCommand(tool, { from: tool, otherwise: `there is no ${tool}` }).catch(({ message }) => say(`${message}: the examples that need it are not run`));
  const promtool = await providePromtool();
  const chromium = await provideChromium();
  const folder = mkdtempSync(join(tmpdir(), 'slipstream-test-'));
  const redis = process.env.REDIS_URL ? undefined : await ownRedis({ folder, keep: false });
  try {
    say('testing');
    await runNode('node_modules/vitest/vitest.mjs', ['run', ...process.argv.slice(2)], {
      env: { REDIS_URL: redis?.url ?? process.env.REDIS_URL, ...(promtool && { TEST_PROMTOOL: promtool }), ...(chromium && { TEST_CHROMIUM: chromium }) },
    });
  } finally {
    await redis?.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});
