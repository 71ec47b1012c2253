import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ask, scratch, startLockedGateway, startProcess, startWorker, virtualEnvironment, waitForExit, type LockedGateway, type RunningServer, type Scratch } from '../harness/index.js';

let own: Scratch;
let gateway: LockedGateway;
let worker: RunningServer;
let folder: string;

beforeAll(async () => {
  [own, folder] = await Promise.all([scratch('fuzz'), mkdtemp(join(tmpdir(), 'slipstream-fuzz-'))]);
  [gateway, worker] = await Promise.all([startLockedGateway({ ...own.env, SYNC_LIMIT_SECONDS: '5', BODY_LIMIT_BYTES: '50000' }), startWorker(own.env)]);
  await worker.ready(100_000);
}, 180_000);
afterAll(async () => {
  await Promise.all([gateway, worker].map((server) => server?.stop('SIGKILL')));
  await own?.dispose();
  await rm(folder, { recursive: true, force: true });
}, 60_000);

const checks = ['not_a_server_error', 'status_code_conformance', 'content_type_conformance', 'response_schema_conformance', 'response_headers_conformance'];
/** Those that name addresses to call: what is made up must not be somebody's. bad-input and webhooks specs have them. */
const excluded = ['createWebhook', 'changeWebhook'];
const mostSeconds = 40;

it('whatever Schemathesis makes of the document is answered as that says, and the server serves on', async () => {
  const bin = await virtualEnvironment('fuzz-1', ['schemathesis==4.32.5']);
  const { key } = await gateway.key();
  const args = [
    '-m', 'schemathesis.cli', 'run', `${gateway.url}/openapi.json`, '-H', `Authorization: Bearer ${key}`,
    '--seed', '1', '--phases', 'fuzzing', '--mode', 'all', '--max-time', String(mostSeconds), '--workers', '2', '--request-timeout', '30',
    '--checks', checks.join(','), ...excluded.flatMap((id) => ['--exclude-operation-id', id]),
    '--warnings', 'off', '--suppress-health-check', 'all', '--generation-database', 'none', '--no-color',
  ];
  const running = startProcess({ name: 'schemathesis', command: bin('python'), args, cwd: folder });
  const { code } = await waitForExit(running, 2 * mostSeconds * 1000);
  expect(code, running.output()).toBe(0);
  expect(Number(/(\d+) generated/.exec(running.output())?.[1]), running.output()).toBeGreaterThan(100);
  const headers = { authorization: `Bearer ${key}` };
  expect((await ask(`${gateway.url}/v1/images/generations`, { json: { prompt: 'sun' }, headers })).status).toBe(200);
  expect(gateway.output()).not.toMatch(/"level":(50|60|"error"|"fatal")/);
}, 300_000);
