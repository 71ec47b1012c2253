import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ensureCommand } from './debian.mjs';
import { missingFrom } from './install.mjs';
import { hasCommand, repositoryRoot, start } from './processes.mjs';
import { ensureRedisServer, ownRedis, provideRedis } from './redis.mjs';
import { signingKey } from './signing-key.mjs';

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

describe('npm start', () => {
  it('refuses a port that is taken before it does anything, and names another', async () => {
    const server = createServer();
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { status, stderr } = spawnSync(process.execPath, ['scripts/start.mjs'], {
      cwd: repositoryRoot, encoding: 'utf8', timeout: 30_000, env: { ...process.env, HOST: '127.0.0.1', PORT: String(server.address().port) },
    });
    server.close();
    expect(status).toBe(1);
    expect(stderr).toMatch(/EADDRINUSE.*PORT=8090 npm start/);
    expect(stderr).not.toContain('building');
    expect(stderr).not.toContain('    at ');
  });
});

describe('Redis', () => {
  it('is the given one', async () => {
    vi.stubEnv('REDIS_URL', 'redis://elsewhere:6380');
    expect((await provideRedis()).url).toBe('redis://elsewhere:6380');
  });

  it('that is missing and may not be installed is asked for in full', async () => {
    vi.stubEnv('PATH', '');
    vi.spyOn(process, 'getuid').mockReturnValue(1000);
    await expect(ensureRedisServer()).rejects.toThrow(/apt-get install redis-server[^]*docker run[^]*REDIS_URL=/);
  });

  it('of our own answers on a port of its own until it is stopped', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'slipstream-door-'));
    const redis = await ownRedis({ folder, keep: false });
    expect(redis.url).toMatch(/^redis:\/\/127\.0\.0\.1:\d+$/);
    await redis.stop();
    expect(await redis.exited).toBe('exit code 0');
    rmSync(folder, { recursive: true });
  });
});

describe('what the door finds', () => {
  it('is not installed again', async () => {
    expect(hasCommand('node')).toBe(true);
    await ensureCommand('node', { from: 'nodejs', otherwise: 'unused' });
  });

  it('keeps its signing key, unless the environment has one', () => {
    expect(signingKey()).toMatch(/^[0-9a-f]{64}$/);
    expect(signingKey()).toBe(signingKey());
    vi.stubEnv('SIGNING_KEY', 'mine');
    expect(signingKey()).toBe('mine');
  });

  it.each([
    ['a package that is missing', {}, ['node_modules/zod']],
    ['a package in another version', { 'node_modules/zod': { version: '3.0.0' } }, ['node_modules/zod']],
    ['nothing when all is there, whatever else is', { 'node_modules/zod': { version: '4.0.0' }, 'node_modules/more': { version: '1.0.0' } }, []],
  ])('is stale for %s', (_, present, stale) => {
    const wanted = { '': {}, 'libs/queue': { version: '0.1.0' }, 'node_modules/zod': { version: '4.0.0' }, 'node_modules/darwin-only': { version: '1.0.0', optional: true } };
    expect(missingFrom(present, wanted)).toEqual(stale);
  });
});

describe('a process', () => {
  it('that will not stop is ended after its grace', async () => {
    const stubborn = start(process.execPath, ['-e', 'process.on("SIGTERM", () => {}); console.log("up"); setInterval(() => {}, 1000)'], { stdout: 'pipe' });
    await stubborn.firstOutput;
    await stubborn.stop(200);
    expect(await stubborn.exited).toBe('SIGKILL');
  });
});
