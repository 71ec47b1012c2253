import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { scratch, startGateway, startWorker, waitForExit, type Environment, type RunningServer, type Scratch } from './harness/index.js';

let own: Scratch;
beforeAll(async () => {
  own = await scratch('boot');
});
afterAll(() => own?.dispose());

const servers: [name: string, start: (env: Environment) => Promise<RunningServer>][] = [
  ['gateway', startGateway],
  ['worker', startWorker],
];

/** What a server that refuses to start says. It exits with 1 and shows no stack. */
async function refusal(server: RunningServer): Promise<string> {
  const exit = await waitForExit(server, 60_000);
  const output = server.output();
  expect({ ...exit, output }).toMatchObject({ code: 1, signal: null });
  expect(output).not.toMatch(/(\n|\\n)\s+at /);
  return output;
}

const shared = { REDIS_URL: 'http://nope', QUEUE_PREFIX: 'a b', STORAGE_URL: 'ftp://x', LOG_LEVEL: 'loud', DRAIN_SECONDS: 'soon' };
const gatewayOnly = { SYNC_LIMIT_SECONDS: '-1', URL_TTL_SECONDS: '0', BODY_LIMIT_BYTES: 'big', PUBLIC_URL: 'nope', SIGNING_KEY: 'shortkey', ADMIN_KEYS: 'ada:shortkey', ADMIN_PORT: '99999' };

describe.each(servers)('the %s', { timeout: 120_000 }, (name, start) => {
  it('lists every bad key of its environment at once and exits with 1', async () => {
    const bad = name === 'gateway' ? { ...shared, ...gatewayOnly } : { ...shared, ENGINE_CAPACITY: '0', EXECUTION_PROVIDER: 'abacus', AUDIT_SHARE: '2', AUDIT_WINDOW: '0', AUDIT_MIN_SCORE_DIFFERENCE: '1', AUDIT_MIN_AGREEMENT: 'much', AUDIT_FALLBACK: 'maybe', SCORE_SHARE: '-1' };
    const output = await refusal(await start({ ...own.env, ...bad }));
    for (const key of Object.keys(bad)) expect(output).toMatch(new RegExp(`${key} must`));
    expect(output).not.toContain('shortkey');
  });

  it.each([
    ['is not there', undefined],
    ['is not JSON', '{'],
  ])('names the file when the manifest of its BUNDLE %s', async (what, text) => {
    const folder = join(own.folder, `${name}-${what.replaceAll(' ', '-')}`);
    await mkdir(folder, { recursive: true });
    if (text !== undefined) await writeFile(join(folder, 'manifest.json'), text);
    expect(await refusal(await start({ ...own.env, BUNDLE: folder }))).toMatch(/manifest\.json/);
  });
});

describe('the gateway', { timeout: 120_000 }, () => {
  it('says which port is taken', async () => {
    const first = await startGateway(own.env);
    onTestFinished(async () => void (await first.stop('SIGKILL')));
    await first.ready(100_000);
    expect(await refusal(await startGateway({ ...own.env, PORT: String(first.port) }))).toMatch(new RegExp(`EADDRINUSE.*${first.port}`));
    expect(await first.stop()).toEqual({ code: 0, signal: null });
  });
});
