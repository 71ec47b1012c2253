import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SampleRequest } from '@slipstream/runtime';
import { fakeEngine } from '../testing/fake-engine.js';
import { runFakeCli, type CliRun } from '../testing/run-fake-cli.js';

/** Reference pictures far apart; a picture hits its own exactly, or is off by a distance that the test chooses. */
const entries = [
  { name: 'cat', categories: ['animal'], tokens: [10, 0, 0, 0] },
  { name: 'dog', categories: ['animal'], tokens: [100, 0, 0, 0] },
  { name: 'pizza', categories: ['food'], tokens: [200, 0, 0, 0] },
];
const reference = { entries, prompts: { names: ['cat', 'dog', 'pizza'], categories: ['animal', 'food'] } };

/** Vanilla hits; shortcut hits all but "dog" and is 1 off on categories; few-step vanilla is 3 off there. */
function tokensOf({ prompt, seed, strategy, steps }: SampleRequest): number[] {
  const own = entries.find((entry) => entry.name === prompt);
  if (own) return strategy === 'shortcut' && prompt === 'dog' ? [201, 0, 0, 0] : own.tokens;
  const base = prompt === 'food' ? 200 : [10, 100][seed % 2];
  return [base as number, strategy === 'shortcut' ? 1 : steps < 4 ? 3 : 0, 0, 0];
}

let bundle: string;
beforeEach(async () => {
  bundle = await mkdtemp(join(tmpdir(), 'slipstream-eval-'));
  await writeFile(join(bundle, 'reference.json'), JSON.stringify(reference));
});
afterEach(() => rm(bundle, { recursive: true, force: true }));

const evaluate = (...args: string[]): Promise<CliRun> =>
  runFakeCli(['eval', '--bundle', bundle, '--seeds-per-prompt', '4', ...args], { engine: fakeEngine({ tokensOf }) });

describe('slipstream eval', () => {
  it('finds the shares, distances, coverage and few-step count that the pictures have', async () => {
    const run = await evaluate('--json');
    expect(run).toMatchObject({ code: 0, notes: [] });
    expect(JSON.parse(run.out)).toMatchObject({
      seed: 1,
      settings: { vanilla: { steps: 4 }, accelerated: { budget: 2 }, fewStep: { strategy: 'vanilla', steps: 3 } },
      names: { prompts: 3, vanilla: { value: 1 }, accelerated: { value: 2 / 3 }, difference: { value: -1 / 3 } },
      categories: {
        prompts: 2,
        seedsPerPrompt: 4,
        noiseFloor: 0,
        arms: {
          vanilla: { distance: { value: 0 }, coverage: 3, inCategory: { value: 1 } },
          accelerated: { distance: { value: 1 }, coverage: 3 },
          fewStep: { distance: { value: 3 } },
        },
        acceleratedMinusVanilla: { value: 1 },
        fewStepMinusAccelerated: { value: 2 },
      },
      verdicts: [{ passed: true }, { passed: false }, { passed: false }, { passed: true }],
    });
  });

  it('prints a verdict a requirement for people', async () => {
    const { out } = await evaluate();
    expect(out.split('\n').filter((line) => /^(PASS|FAIL)/.test(line))).toHaveLength(4);
    expect(out).toContain('vanilla      100.0 %');
  });

  it('judges a list of other prompts: names by retrieval, the rest by distance', async () => {
    const list = join(bundle, 'prompts.txt');
    await writeFile(list, 'cat\r\n\n  a word never seen \ncat\n');
    const { out } = await evaluate('--json', '--prompts', list);
    expect(JSON.parse(out)).toMatchObject({ names: { prompts: 1 }, categories: { prompts: 1 } });
  });

  it('leaves a half out that the list does not ask for', async () => {
    const list = join(bundle, 'prompts.txt');
    await writeFile(list, 'cat\n');
    const report = JSON.parse((await evaluate('--json', '--prompts', list)).out) as Record<string, unknown>;
    expect(report).not.toHaveProperty('categories');
    expect(report['verdicts']).toHaveLength(2);
  });

  it('writes the figures and a grid, whole', async () => {
    const out = join(bundle, 'new', 'folder');
    expect((await evaluate('--out', out)).code).toBe(0);
    expect((await readdir(out)).sort()).toEqual(['eval.json', 'grid.png']);
    const { grid } = JSON.parse(await readFile(join(out, 'eval.json'), 'utf8')) as { grid: { prompts: string[] } };
    expect(grid.prompts).toEqual(['cat', 'dog', 'pizza', 'animal', 'food']);
  });

  it.each([
    [
      'a list that is not there',
      ['--prompts', '/nowhere.txt'],
      2,
      /--prompts \/nowhere.txt cannot be read; name a text file/,
    ],
    ['no seeds', ['--seeds-per-prompt', '0'], 2, /at least 1/],
    ['a seed without room', ['--seed', String(Number.MAX_SAFE_INTEGER)], 2, /--seed .* leaves no room/],
    ['a budget above the steps', ['--budget', '9'], 2, /--budget is 9/],
    [
      'a folder that cannot be made',
      ['--out', '/dev/null/x'],
      1,
      /cannot write \/dev\/null\/x: a part of the path is a file/,
    ],
  ])('refuses %s', async (_, args, code, message) => {
    const run = await evaluate(...args);
    expect(run).toMatchObject({ code, out: '' });
    expect(run.notes[0]).toMatch(message);
  });

  it.each([
    ['is missing', undefined, /reference\.json: it is missing or no JSON; export the bundle again/],
    ['is cut', '{"entries": [', /missing or no JSON/],
    [
      'has a member of another kind',
      JSON.stringify({ ...reference, prompts: { names: 1, categories: [] } }),
      /prompts\.names/,
    ],
    [
      'has a picture of another size',
      JSON.stringify({ ...reference, entries: [{ ...entries[0], tokens: [1] }] }),
      /"cat" has 1 tokens, not 4/,
    ],
  ])('names the file when the reference %s', async (_, content, message) => {
    const path = join(bundle, 'reference.json');
    await (content === undefined ? rm(path) : writeFile(path, content));
    const run = await evaluate();
    expect(run.code).toBe(3);
    expect(run.notes).toEqual([expect.stringMatching(message)]);
  });
});
