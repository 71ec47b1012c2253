import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SlipstreamError } from '@slipstream/contracts';
import { readPngText } from '@slipstream/pictures';
import { fakeEngine } from '../testing/fake-engine.js';
import { runFakeCli } from '../testing/run-fake-cli.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipstream-cli-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const out = (name = 'pizza.png'): string => join(folder, name);

describe('slipstream generate', () => {
  it('writes a PNG that says how it was made', async () => {
    const { code } = await runFakeCli(['generate', 'slice of pizza', '--seed', '7', '--out', out()]);
    expect(code).toBe(0);
    expect(readPngText(await readFile(out()))).toMatchObject({
      seed: 7,
      strategy: 'shortcut',
      steps: 4,
      full_steps: 2,
      shortcut_steps: 2,
    });
    expect(await readdir(folder)).toEqual(['pizza.png']);
  });

  it('gives the same bytes for the same seed and others for another', async () => {
    const bytes = async (seed: string): Promise<Buffer> => {
      await runFakeCli(['generate', 'pizza', '--seed', seed, '--out', out()]);
      return readFile(out());
    };
    const first = await bytes('7');
    expect(await bytes('7')).toEqual(first);
    expect(await bytes('8')).not.toEqual(first);
  });

  it('prints the provenance as JSON', async () => {
    const args = ['--seed', '3', '--strategy', 'vanilla', '--steps', '3', '--out', out('pizza.webp'), '--json'];
    const run = await runFakeCli(['generate', 'pizza', ...args]);
    const printed = JSON.parse(run.out) as { out: string; bytes: number; slipstream: object };
    expect(printed.slipstream).toMatchObject({
      seed: 3,
      strategy: 'vanilla',
      steps: 3,
      full_steps: 3,
      shortcut_steps: 0,
      cache: { anchors: 0, result: 'off' },
      seconds: { queued: 0, engine: 0.05 },
      speedup: { value: 2, measured: false },
    });
    expect((await readFile(printed.out)).length).toBe(printed.bytes);
  });

  it.each([
    [
      'a budget above the steps',
      ['--steps', '3', '--budget', '4'],
      2,
      /--budget is 4, more than the 3 steps; use 1 to 3/,
    ],
    ['more steps than tokens', ['--steps', '5'], 2, /--steps is 5, more than the 4 tokens/],
    ['no step at all', ['--steps', '0'], 2, /--steps must be a whole number of at least 1/],
    ['an unknown strategy', ['--strategy', 'magic'], 2, /--strategy is "magic".*use one of vanilla, /],
    ['a negative seed', ['--seed', '-1'], 2, /seed must be a whole number from 0/],
    ['a fractional seed', ['--seed', '1.5'], 2, /seed must be a whole number/],
    ['a word for a number', ['--seed', 'seven'], 2, /--seed.*must be a number/i],
    [
      'an ending that is no picture format',
      ['--out', '/tmp/pizza.gif'],
      2,
      /pizza\.gif has no ending of a picture format; use one of \.png/,
    ],
    [
      'a missing folder',
      ['--out', '/nowhere/at/all/pizza.png'],
      1,
      /cannot write .*its folder does not exist; name another place/,
    ],
    [
      'transparency in a JPEG',
      ['--out', '/tmp/pizza.jpg', '--background', 'transparent'],
      2,
      /background is transparent, which jpeg cannot hold/,
    ],
    ['an unknown option', ['--sed', '7'], 2, /unknown option '--sed'/],
  ])('refuses %s in one line with the remedy', async (_, args, code, message) => {
    const given = args.includes('--out') ? args : [...args, '--out', out()];
    const run = await runFakeCli(['generate', 'pizza', ...given]);
    expect(run).toMatchObject({ code, out: '' });
    expect(run.notes[0]).toMatch(message);
    expect(run.notes.join('\n')).not.toMatch(/\n\s+at /);
    expect(await readdir(folder)).toEqual([]);
  });

  it.each([
    ['an empty prompt', ''],
    ['control characters', 'a\u0007b'],
    ['100 kB', 'x'.repeat(100_000)],
  ])('refuses a prompt of %s', async (_, prompt) => {
    const run = await runFakeCli(['generate', prompt, '--out', out()]);
    expect(run.code).toBe(2);
    expect(run.notes).toEqual([expect.stringMatching(/prompt must be a text of 1 to 32,000 characters/)]);
    expect(await readdir(folder)).toEqual([]);
  });

  it('refuses a folder as --out', async () => {
    await mkdir(out());
    const run = await runFakeCli(['generate', 'pizza', '--out', out()]);
    expect(run).toMatchObject({ code: 1, notes: [expect.stringMatching(/cannot write .*it is a folder; name another/)] });
  });

  it('leaves what was there untouched when the engine fails', async () => {
    await writeFile(out(), 'before');
    const engine = fakeEngine({ failure: new SlipstreamError('engine_failed', 'the run crashed') });
    const run = await runFakeCli(['generate', 'pizza', '--out', out()], { engine });
    expect(run).toMatchObject({ code: 1, notes: ['slipstream: the run crashed'] });
    expect(await readFile(out(), 'utf8')).toBe('before');
    expect(await readdir(folder)).toEqual(['pizza.png']);
  });

  it('shows no stack and no foreign text for an unexpected error', async () => {
    const engine = fakeEngine({ failure: new TypeError('x is not a function') });
    const run = await runFakeCli(['generate', 'pizza', '--out', out()], { engine });
    expect(run).toMatchObject({ code: 1, notes: ['slipstream: Something unexpected went wrong'] });
  });

  it('ends with 130 when stopped', async () => {
    const run = await runFakeCli(['generate', 'pizza', '--out', out()], { signal: AbortSignal.abort() });
    expect(run).toMatchObject({ code: 130, notes: ['slipstream: stopped'] });
    expect(await readdir(folder)).toEqual([]);
  });
});
