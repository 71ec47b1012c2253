import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** The command as people start it, with the tiny model. */
const bin = fileURLToPath(new URL('../bin/slipstream.js', import.meta.url));
const tiny = fileURLToPath(new URL('../../../tests/bundles/tiny', import.meta.url));

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function slipstream(...args: string[]): Promise<Ended> {
  const child = spawn(process.execPath, [bin, ...args], { stdio: ['ignore', 'pipe', 'pipe'], timeout: 60_000 });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, stdout, stderr })));
}

let folder: string;
let bundle: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipstream-command-'));
  bundle = join(folder, 'bundle');
  await cp(tiny, bundle, { recursive: true });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const generate = (...args: string[]): Promise<Ended> =>
  slipstream(
    'generate',
    'slice of pizza',
    '--seed',
    '7',
    '--threads',
    '1',
    '--out',
    join(folder, 'pizza.png'),
    ...args,
  );

describe('the slipstream command', { timeout: 90_000 }, () => {
  it('makes the same file twice, with nothing on stderr', async () => {
    const digests: string[] = [];
    for (let i = 0; i < 2; i += 1) {
      expect(await generate('--bundle', bundle)).toMatchObject({ code: 0, stderr: '' });
      digests.push(
        createHash('sha256')
          .update(await readFile(join(folder, 'pizza.png')))
          .digest('hex'),
      );
      await rm(join(folder, 'pizza.png'));
    }
    expect(digests[1]).toBe(digests[0]);
  });

  it.each([
    ['a folder that is no bundle', async () => join(folder, 'nowhere'), /manifest\.json/],
    ['a truncated graph', () => damaged((copy) => truncate(join(copy, 'full.onnx'), 1000)), /full\.onnx/],
    ['an altered file', () => damaged((copy) => writeFile(join(copy, 'tokenizer.json'), '{}')), /tokenizer\.json/],
    ['a manifest cut short', () => damaged((copy) => truncate(join(copy, 'manifest.json'), 100)), /manifest\.json/],
  ])('refuses %s with code 3, one line, and leaves nothing behind', async (_, make, message) => {
    const given = await make();
    const before = await readdir(folder);
    const { code, stdout, stderr } = await generate('--bundle', given);
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toMatch(message);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(await readdir(folder)).toEqual(before);
  });

  it('says how it is used', async () => {
    const { code, stdout } = await slipstream('--help');
    expect(code).toBe(0);
    for (const command of ['generate', 'bench', 'eval']) expect(stdout).toContain(command);
    expect((await slipstream('paint')).code).toBe(2);
  });
});

async function damaged(damage: (copy: string) => Promise<void>): Promise<string> {
  const copy = await mkdtemp(join(folder, 'damaged-'));
  await cp(tiny, copy, { recursive: true });
  await damage(copy);
  return copy;
}
