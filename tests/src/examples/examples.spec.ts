import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { ownService, repositoryRoot, startLockedGateway, startProcess, virtualEnvironment, waitForExit } from '../harness/index.js';

const examples = join(repositoryRoot, 'docs/examples');
const hasTools = ['curl', 'jq'].every((name) => spawnSync(name, ['--version']).status === 0);
if (!hasTools) console.warn('examples.spec: curl.sh and the administrator’s commands are left out: there is no curl or no jq on the PATH');

const service = ownService('examples', { start: startLockedGateway, withWorker: true });
let key: string;
beforeAll(async () => void ({ key } = await service.gateway.key()));

/** What an example says, and the pictures that it leaves where it ran. */
async function run(command: string, file: string): Promise<{ said: string; pictures: string[] }> {
  const cwd = await mkdtemp(join(service.folder, 'run-'));
  const env = { SLIPSTREAM_URL: service.url, SLIPSTREAM_API_KEY: key, OPENAI_BASE_URL: `${service.url}/v1`, OPENAI_API_KEY: key };
  const running = startProcess({ name: file, command, args: [join(examples, file)], cwd, env });
  const { code } = await waitForExit(running, 60_000);
  expect({ code, said: running.output() }).toMatchObject({ code: 0 });
  const pictures = (await readdir(cwd)).filter((name) => name.endsWith('.png')).sort();
  for (const name of pictures) expect((await readFile(join(cwd, name))).toString('latin1', 1, 4)).toBe('PNG');
  return { said: running.output(), pictures };
}

it.runIf(hasTools)('what docs/operations.md has an administrator type does what it says', async () => {
  const { id } = await service.gateway.key({ tenant: 'acme' });
  const [, section] = (await readFile(join(repositoryRoot, 'docs/operations.md'), 'utf8')).split('## Keys and tenants');
  const [, typed] = /```sh\n(.*?)```/s.exec(section!)!;
  const script = typed!.replace('http://127.0.0.1:8082', service.gateway.adminUrl).replaceAll('key_…', id).replaceAll(/^(admin .*?)( *#.*)?$/gm, '$1; echo');
  const running = startProcess({ name: 'operations.md', command: 'sh', args: ['-euc', script], env: { ADMIN_SECRET: service.gateway.adminSecret } });
  await waitForExit(running, 60_000);
  const answers = running.output().trim().split('\n').map((line) => JSON.parse(line));
  expect(answers.map(({ object, status }) => [object, status])).toEqual([
    ['api_key', 'active'], ['tenant', 'active'], ['api_key', 'active'], ['list', undefined], ['api_key', 'active'], ['api_key', 'revoked'], ['list', undefined],
  ]);
}, 90_000);

it.runIf(hasTools)('curl.sh asks, follows and downloads', async () => {
  const { said, pictures } = await run('sh', 'curl.sh');
  expect(pictures).toEqual(['apple-0.png', 'apple-1.png']);
  expect(JSON.parse(said)).toMatchObject({ seed: 7, strategy: 'shortcut' });
}, 90_000);

it('client.ts watches its picture being made', async () => {
  const { said, pictures } = await run(process.execPath, 'dist/client.js');
  expect(pictures).toEqual(['apple-0.png']);
  expect(said).toMatch(/completed, step 8 of 8/);
}, 90_000);

it('openai-node.ts is served as OpenAI would', async () => {
  const { said, pictures } = await run(process.execPath, 'dist/openai-node.js');
  expect(pictures).toEqual(['apple-0.png']);
  expect(said).toMatch(/strategy: 'vanilla'/);
}, 90_000);

it('openai-python.py is served as OpenAI would', async () => {
  const program = await virtualEnvironment('openai-3.57.0', ['openai==3.57.0']);
  const { said, pictures } = await run(program('python'), 'openai-python.py');
  expect(pictures).toEqual(['apple-0.png']);
  expect(said).toMatch(/'strategy': 'vanilla'.*\n(image_generation\.partial_image \d+\n)*image_generation\.completed \d+\n$/);
}, 600_000);

const batchPictures = ['red-apple.png', 'slice-of-pizza.png', 'sun.png'];

it('openai-batch.ts has a batch made as OpenAI would', async () => {
  const { said, pictures } = await run(process.execPath, 'dist/openai-batch.js');
  expect(pictures).toEqual(batchPictures);
  expect(said).toMatch(/completed .*completed: 3, failed: 0/);
}, 90_000);

it('openai-batch.py has a batch made as OpenAI would', async () => {
  const program = await virtualEnvironment('openai-3.57.0', ['openai==3.57.0']);
  const { said, pictures } = await run(program('python'), 'openai-batch.py');
  expect(pictures).toEqual(batchPictures);
  expect(said).toMatch(/completed .*completed=3, failed=0, total=3/);
}, 600_000);
