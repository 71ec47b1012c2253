import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ownService, repositoryRoot, startProcess, waitForExit } from './harness/index.js';

const service = ownService('command-line', { withWorker: true });

it.each([
  ['the default setting', {}, []],
  ['a setting of its own', { strategy: 'shortcut', steps: 6, budget: 2, guidance: 1.5 }, ['--strategy', 'shortcut', '--steps', '6', '--budget', '2', '--guidance', '1.5']],
])('the command line writes the very file that the service stores, with %s', async (_, acceleration, options) => {
  const out = join(service.folder, 'pizza.png');
  const command = startProcess({
    name: 'slipstream',
    command: process.execPath,
    args: ['apps/cli/bin/slipstream.js', 'generate', 'slice of pizza', '--seed', '7', '--bundle', String(service.env['BUNDLE']), '--out', out, ...options],
    cwd: repositoryRoot,
  });
  const { code } = await waitForExit(command, 60_000);
  expect(command.output()).toContain('pizza.png');
  expect(code).toBe(0);
  const answer = await fetch(`${service.url}/v1/images/generations`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ prompt: 'slice of pizza', seed: 7, response_format: 'b64_json', acceleration }),
  });
  const { data } = (await answer.json()) as { data: { b64_json: string }[] };
  expect((await readFile(out)).equals(Buffer.from(data[0]?.b64_json ?? '', 'base64'))).toBe(true);
}, 120_000);
