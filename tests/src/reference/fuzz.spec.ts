import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, expect, it } from 'vitest';
import { ask, eventually, ownService, repositoryRoot, startLockedGateway, startProcess, virtualEnvironment, waitForExit } from '../harness/index.js';

/** Names of webhooks are made up, and must not be somebody's. */
const offline = pathToFileURL(join(repositoryRoot, 'tests/src/reference/offline.mjs')).href;
const service = ownService('fuzz', { start: startLockedGateway, env: { SYNC_LIMIT_SECONDS: '5', BODY_LIMIT_BYTES: '50000', NODE_OPTIONS: `--import=${offline}` }, withWorker: true });
let key: string;
let headers: { authorization: string };

beforeAll(async () => {
  ({ key } = await service.gateway.key());
  headers = { authorization: `Bearer ${key}` };
});

const checks = ['not_a_server_error', 'status_code_conformance', 'content_type_conformance', 'response_schema_conformance', 'response_headers_conformance'];
const mostSeconds = 40;

it('webhooks of a server under this test lead nowhere, wherever they point', async () => {
  const { body: webhook } = await ask(`${service.url}/v1/webhooks`, { json: { url: 'https://example.org/' }, headers });
  await ask(`${service.url}/v1/generations`, { json: { prompt: 'sun' }, headers });
  const tried = async () => (await ask(`${service.url}/v1/webhooks/${webhook.id}/deliveries`, { headers })).body.data[0]?.attempts[0];
  expect(await eventually(tried, { what: 'it is called' })).toMatchObject({ status: null, error: expect.stringContaining('EOFFLINE') });
});

it('whatever Schemathesis makes of the document is answered as that says, and the server serves on', async () => {
  const bin = await virtualEnvironment('fuzz-1', ['schemathesis==4.32.5']);
  const args = [
    '-m', 'schemathesis.cli', 'run', `${service.url}/openapi.json`, '-H', `Authorization: Bearer ${key}`,
    '--seed', '1', '--phases', 'fuzzing', '--mode', 'all', '--max-time', String(mostSeconds), '--workers', '2', '--request-timeout', '30',
    '--checks', checks.join(','),
    '--warnings', 'off', '--suppress-health-check', 'all', '--generation-database', 'none', '--no-color',
  ];
  const running = startProcess({ name: 'schemathesis', command: bin('python'), args, cwd: service.folder });
  const { code } = await waitForExit(running, 2 * mostSeconds * 1000);
  expect(code, running.output()).toBe(0);
  expect(Number(/(\d+) generated/.exec(running.output())?.[1]), running.output()).toBeGreaterThan(100);
  expect((await ask(`${service.url}/v1/images/generations`, { json: { prompt: 'sun' }, headers })).status).toBe(200);
  const { body: counted } = await ask(`${service.url}/metrics`);
  for (const [route, method] of [['/v1/webhooks', 'POST'], ['/v1/webhooks/:id', 'PATCH']]) expect(counted).toContain(`slipstream_http_requests_total{route="${route}",method="${method}"`);
  expect(service.gateway.output()).not.toMatch(/"level":(50|60|"error"|"fatal")/);
}, 300_000);
